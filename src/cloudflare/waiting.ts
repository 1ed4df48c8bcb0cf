/** Cloudflare blocks for five minutes; a longer wait that a server asks for is cut to this. */
const MAX_WAIT_SECONDS = 330;

/**
 * The seconds that an answer asks to wait, capped: a past, unreadable or absurd time must neither remove the pause nor
 * stop requests for a day. The caller's own backoff comes on top.
 *
 * @see https://developers.cloudflare.com/fundamentals/api/reference/limits/
 */
export function askedToWait(status: number, headers: Headers): number | undefined {
  const seconds =
    status === 429 || status === 503 ? retryAfter(headers.get("retry-after")) : exhaustedFor(headers.get("ratelimit"));
  return seconds === undefined || seconds <= 0 ? undefined : Math.min(seconds, MAX_WAIT_SECONDS);
}

/** Seconds of a `Retry-After`, which may also be a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  // Only text with letters is a date: Date.parse reads "-5" as one.
  const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : (date - Date.now()) / 1000;
}

/** Seconds until there is budget again, of `Ratelimit: "default";r=0;t=30`; nothing while some is left. */
function exhaustedFor(header: string | null): number | undefined {
  const [, remaining, seconds] = /;\s*r=(\d+);\s*t=(\d+)/.exec(header ?? "") ?? [];
  return Number(remaining) === 0 ? Number(seconds) : undefined;
}
