import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../errors.js";
import { replaceFile } from "../../files/replace-file.js";
import { type ApiState, emptyState } from "./records.js";

/** Keeps the state in a file that is always complete. */
export class StateFile {
  readonly state: ApiState;
  readonly #path: string;
  #saving: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  private constructor(path: string, state: ApiState) {
    this.#path = path;
    this.state = state;
  }

  /** @throws InputError `STATE_UNREADABLE` when the file exists and was not written by this version. */
  static async open(folder: string): Promise<StateFile> {
    const path = join(folder, "state.json");
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    });
    return new StateFile(path, text === undefined ? emptyState() : parseState(text, path));
  }

  /** Writes the current or a slightly newer state: returns when the state that the caller sees is on disk. */
  async save(): Promise<void> {
    this.#waiting ??= this.#saving
      .catch(() => undefined)
      .then(() => {
        this.#waiting = undefined;
        this.#saving = this.#write();
        return this.#saving;
      });
    await this.#waiting;
  }

  async #write(): Promise<void> {
    await replaceFile(this.#path, JSON.stringify(this.state), { mode: 0o600 });
  }
}

function parseState(text: string, path: string): ApiState {
  try {
    const state = JSON.parse(text) as Partial<ApiState>;
    if (state.version === 1) return { ...emptyState(), ...state };
  } catch {
    // Refused below, in the same words as a file of another version.
  }
  throw new InputError(
    "STATE_UNREADABLE",
    `the emulator's state ${path} is not readable by this version`,
    "name another folder with --persist, or delete this one",
  );
}
