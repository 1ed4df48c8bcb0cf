/**
 * Lets requests run together and a restart alone: workerd must not end during a request.
 */
export class RestartGate {
  #active = 0;
  #restarts: Promise<unknown> = Promise.resolve();
  #restarting = false;
  #idle: (() => void) | undefined;

  /** Runs a request; waits during a restart. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** The same for work that ends elsewhere; call the result once when it is done. */
  async enter(): Promise<() => void> {
    while (this.#restarting) await this.#restarts;
    this.#active++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#active--;
      if (this.#active === 0) this.#idle?.();
    };
  }

  /** Runs a restart when no request is open, or after `patienceMs` despite open ones. */
  async alone<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
    const before = this.#restarts;
    const mine = before.then(async () => {
      this.#restarting = true;
      try {
        await this.#drained(patienceMs);
        return await work();
      } finally {
        this.#restarting = false;
      }
    });
    this.#restarts = mine.catch(() => undefined);
    return mine;
  }

  async #drained(patienceMs: number): Promise<void> {
    if (this.#active === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      timer = setTimeout(resolve, patienceMs);
    });
    clearTimeout(timer);
    this.#idle = undefined;
  }
}
