/**
 * Runs tasks concurrently, up to a number and up to a sum of bytes. After the first failure no more tasks start; the
 * next call throws its error.
 */
export class Pool {
  private readonly running = new Set<Promise<void>>();
  private bytes = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly maxTasks: number,
    private readonly maxBytes: number,
  ) {}

  /** Starts a task as soon as there is room for it; one that is larger than the limit runs alone. */
  async start(bytes: number, task: () => Promise<void>): Promise<void> {
    while (this.running.size >= this.maxTasks || (this.running.size > 0 && this.bytes + bytes > this.maxBytes)) {
      await Promise.race(this.running);
    }
    this.throwFailure();
    this.bytes += bytes;
    const run = task()
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.bytes -= bytes;
        this.running.delete(run);
      });
    this.running.add(run);
  }

  /** Waits for every task that was started. */
  async finish(): Promise<void> {
    await Promise.all(this.running);
    this.throwFailure();
  }

  /** Waits for every task that was started, however they end. */
  async settle(): Promise<void> {
    await Promise.all(this.running);
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}
