/** Holds requests back until what they may ask for is there: the tables of databases, and seeds. */
export class Readiness {
  #release: () => void = () => undefined;
  /** Nothing is ready before the first preparation has ended. */
  #ready = new Promise<void>((resolve) => (this.#release = resolve));

  /** Resolves unless something is being prepared. */
  async wait(): Promise<void> {
    await this.#ready;
  }

  /** Prepares something while requests wait, those included that have waited since the beginning. */
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
