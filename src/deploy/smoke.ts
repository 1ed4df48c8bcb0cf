import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/** How a Worker answered. */
export interface WorkerAnswer {
  readonly url: string;
  readonly status?: number;
  /** Why it did not answer, or what is wrong with the answer. */
  readonly problem?: string;
}

/** How often, and how long, an address is tried. */
export interface Patience {
  readonly attempts: number;
  readonly pause: () => Promise<void>;
}

const TIMEOUT_MS = 10_000;

/**
 * Requests an address until it answers with something else than a server error: certificates and names of new addresses
 * take a while. A redirect, or a page that is missing, is an answer.
 */
export async function answerOf(url: string, { attempts, pause }: Patience): Promise<WorkerAnswer> {
  let answer: WorkerAnswer = { url };
  for (let attempt = 1; attempt <= attempts; attempt++) {
    answer = await ask(url);
    if (answer.problem === undefined) return answer;
    if (attempt < attempts) await pause();
  }
  return answer;
}

function ask(text: string): Promise<WorkerAnswer> {
  const url = new URL(text);
  // Not every system resolves names below localhost, where the emulator serves Workers.
  const isLocal = url.hostname.endsWith(".localhost");
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const options = {
      hostname: isLocal ? "127.0.0.1" : url.hostname,
      port: url.port,
      path: url.pathname + url.search,
      headers: { host: url.host, "user-agent": "cfkv" },
      agent: false,
      timeout: TIMEOUT_MS,
    } as const;
    const sent = request(options, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 500 ? { url: text, status, problem: `it answered ${status}` } : { url: text, status });
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    sent.on("error", (error) => resolve({ url: text, problem: error.message }));
    sent.end();
  });
}
