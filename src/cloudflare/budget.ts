import pThrottle from "p-throttle";

/** Requests that may start within a number of seconds. Clients that share a token share one. */
export class RequestBudget {
  private readonly throttled: () => Promise<void>;

  /** @default 1200 requests in 300 seconds, which is what Cloudflare allows a user with all tokens */
  constructor(requests = 1200, seconds = 300) {
    this.throttled = pThrottle({ limit: requests, interval: seconds * 1000, strict: true })(async () =>
      Promise.resolve(),
    );
  }

  /** Waits until one more may start. */
  async take(): Promise<void> {
    await this.throttled();
  }
}
