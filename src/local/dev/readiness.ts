/** Holds requests back until tables and seeds are ready. */
export class Readiness {
  #release: () => void = () => undefined;
  /** Requests wait until the first preparation has ended. */
  #ready = new Promise<void>((resolve) => (this.#release = resolve));

  /** Resolves when no preparation is running. */
  async wait(): Promise<void> {
    await this.#ready;
  }

  /** Runs a preparation while requests wait, including those that arrived before the first one. */
  async during<T>(prepare: () => Promise<T>): Promise<T> {
    const releaseEarlier = this.#release;
    this.#ready = new Promise((resolve) => (this.#release = resolve));
    try {
      return await prepare();
    } finally {
      releaseEarlier();
      this.#release();
    }
  }
}
