import type { EntryWrite } from "./answers.js";
import { element, showNote } from "./dom.js";
import { relativeTime } from "./relative-time.js";

type Expiry = Pick<EntryWrite, "expiration" | "expirationTtl">;

/** Seconds of the units, the largest first. */
const UNITS = [86_400, 3600, 60, 1];

/** When an entry expires: as before, never, after a while or at a time. */
export class ExpiryField {
  readonly #kind = element("expiry", HTMLSelectElement);
  readonly #count = element("expiry-count", HTMLInputElement);
  readonly #unit = element("expiry-unit", HTMLSelectElement);
  readonly #at = element("expiry-at", HTMLInputElement);
  readonly #problem = element("expiry-problem", HTMLParagraphElement);
  #expiration: number | undefined;

  constructor() {
    this.#kind.onchange = () => this.#showInputs();
  }

  /** @param ttlSeconds - the lifetime of a new entry of the namespace; 0: it does not expire */
  show(expiration: number | undefined, ttlSeconds: number): void {
    this.#expiration = expiration;
    const keep = this.#kind.options[0];
    if (keep !== undefined) {
      keep.hidden = keep.disabled = expiration === undefined;
      if (expiration !== undefined) {
        const time = new Date(expiration * 1000).toLocaleString();
        keep.textContent = `${relativeTime(expiration, Date.now() / 1000)} (${time})`;
      }
    }
    this.#kind.value = expiration !== undefined ? "keep" : ttlSeconds > 0 ? "after" : "never";
    const unit = UNITS.find((seconds) => ttlSeconds >= seconds && ttlSeconds % seconds === 0) ?? 3600;
    this.#unit.value = String(unit);
    this.#count.value = String(ttlSeconds > 0 ? ttlSeconds / unit : 1);
    this.#at.value = localTime(expiration ?? Date.now() / 1000 + 86_400);
    this.#showInputs();
  }

  /** All inputs as one string, to detect changes. */
  get state(): string {
    const kind = this.#kind.value;
    const detail = kind === "after" ? [this.#count.value, this.#unit.value] : kind === "at" ? [this.#at.value] : [];
    return [kind, ...detail].join(" ");
  }

  /** The expiration to send; undefined, with the reason beside the field, when it is invalid. */
  read(): Expiry | undefined {
    showNote(this.#problem, undefined);
    switch (this.#kind.value) {
      case "keep":
        return this.#expiration === undefined ? {} : { expiration: this.#expiration };
      case "after": {
        const seconds = Number(this.#count.value) * Number(this.#unit.value);
        if (Number.isInteger(seconds) && seconds >= 60) return { expirationTtl: seconds };
        this.#refuse("Workers KV keeps a key for at least 60 seconds", this.#count);
        return undefined;
      }
      case "at": {
        const time = new Date(this.#at.value).getTime();
        if (time >= Date.now() + 60_000) return { expiration: Math.floor(time / 1000) };
        this.#refuse("choose a time at least 60 seconds ahead", this.#at);
        return undefined;
      }
      default:
        return {};
    }
  }

  #refuse(problem: string, input: HTMLInputElement): void {
    showNote(this.#problem, problem);
    input.focus();
  }

  #showInputs(): void {
    showNote(this.#problem, undefined);
    element("expiry-after", HTMLSpanElement).hidden = this.#kind.value !== "after";
    this.#at.hidden = this.#kind.value !== "at";
  }
}

/** In the format of a `datetime-local` field: in this machine's time zone. */
function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
