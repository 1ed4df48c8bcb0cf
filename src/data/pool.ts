/**
 * Runs tasks side by side, up to a number and up to a sum of bytes. The first task that fails stops the taking of more;
 * its error comes out of the next call.
 */
export class Pool {
  private readonly running = new Set<Promise<void>>();
  private bytes = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly maxTasks: number,
    private readonly maxBytes: number,
  ) {}

  /** Starts a task as soon as there is room for it; one that is larger than all room runs alone. */
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
