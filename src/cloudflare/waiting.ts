/** Cloudflare blocks for five minutes; a server that asks for more is asked again after this. */
const MAX_WAIT_SECONDS = 330;

/**
 * Seconds for which an answer asks not to be asked again, capped: what it says that is past, unreadable or absurd must
 * neither let requests rush nor end them for a day. A backoff of the caller's own comes on top of it.
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
  // Only what has letters is a date: Date.parse reads "-5" as one.
  const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : (date - Date.now()) / 1000;
}

/** Seconds until there is budget again, of `Ratelimit: "default";r=0;t=30`; nothing while some is left. */
function exhaustedFor(header: string | null): number | undefined {
  const [, remaining, seconds] = /;\s*r=(\d+);\s*t=(\d+)/.exec(header ?? "") ?? [];
  return Number(remaining) === 0 ? Number(seconds) : undefined;
}
