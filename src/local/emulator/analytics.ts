import { join } from "node:path";
import type { Engine } from "../engine/engine.js";
import { storedIn } from "../engine/stored.js";
import type { UsageBook } from "../engine/usage-book.js";
import type { EmulatorRuntime } from "./running-workers.js";
import type { ApiState } from "./records.js";

/** The figures behind the analytics API: what was really done with namespaces, and what they hold. */
export class Analytics {
  /** The file of the figures, in the emulator's folder. */
  static pathIn(folder: string): string {
    return join(folder, "usage.json");
  }

  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly book: UsageBook,
    private readonly engine: Engine,
    private readonly folder: string,
  ) {}

  /** Brings the figures of an account up to date: one query after the other, as counts are taken only once. */
  async refresh(account: string, state: ApiState, workerd: EmulatorRuntime, withStorage: boolean): Promise<void> {
    const mine = this.#turn.then(async () => this.#refresh(account, state, workerd, withStorage));
    this.#turn = mine.catch(() => undefined);
    await mine;
  }

  async #refresh(account: string, state: ApiState, workerd: EmulatorRuntime, withStorage: boolean): Promise<void> {
    await this.engine.takeUsage();
    if (withStorage) {
      const ids = state.namespaces.filter((namespace) => namespace.account === account).map(({ id }) => id);
      for (const id of ids) {
        const stored = await storedIn(this.folder, id, await workerd.store(id));
        this.book.snapshot([{ namespace: id, ...stored }]);
      }
    }
    await this.book.save();
  }
}
