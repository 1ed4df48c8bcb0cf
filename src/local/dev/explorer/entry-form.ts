import type { EntryAnswer, EntryWrite, NamespaceAnswer } from "./answers.js";
import { ApiProblem, type Api } from "./api.js";
import { element, showNote } from "./dom.js";
import { ExpiryField } from "./expiry-field.js";
import { jsonProblem } from "./json-text.js";
import { editedText, shownText } from "./line-ends.js";
import { failed, succeeded } from "./messages.js";
import { ask } from "./question.js";
import { ValueField } from "./value-field.js";
import { visibleParts, visibleText } from "./visible-text.js";

/** Callbacks of the page for a changed entry. */
export interface EntryEvents {
  readonly onSaved: (key: string) => Promise<void>;
  readonly onDeleted: () => Promise<void>;
  readonly onClosed: () => void;
}

/** One entry to view, change, rename or delete, or a new one. */
export class EntryForm {
  readonly #form = element("entry", HTMLFormElement);
  readonly #fields = element("fields", HTMLFieldSetElement);
  readonly #key = element("key", HTMLTextAreaElement);
  readonly #metadata = element("metadata", HTMLTextAreaElement);
  readonly #save = element("save", HTMLButtonElement);
  readonly #delete = element("delete", HTMLButtonElement);
  readonly #discard = element("discard", HTMLButtonElement);
  readonly #value = new ValueField();
  readonly #expiry = new ExpiryField();
  #namespace: NamespaceAnswer | undefined;
  /** The entry that is shown; undefined for a new one. */
  #entry: EntryAnswer | undefined;
  #shown = { key: "", metadata: "", expiry: "" };
  #isBusy = false;

  constructor(
    private readonly api: Api,
    private readonly events: EntryEvents,
  ) {
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      this.#inTurn(() => this.#write());
    };
    this.#delete.onclick = () => this.delete();
    this.#discard.onclick = () => this.#discardChanges();
    for (const type of ["input", "change"]) this.#form.addEventListener(type, () => this.#showState());
    this.#key.onkeydown = (event) => {
      // A key may contain line breaks, but Enter in it saves.
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.#form.requestSubmit();
    };
  }

  /** The key that is shown; undefined for a new entry, and while there is none. */
  get key(): string | undefined {
    return this.#entry?.key;
  }

  get isOpen(): boolean {
    return !this.#form.hidden;
  }

  get isEdited(): boolean {
    const { key, metadata, expiry } = this.#shown;
    const same = this.#key.value === key && this.#metadata.value === metadata && this.#expiry.state === expiry;
    return this.isOpen && (!same || this.#value.isEdited);
  }

  /** Whether unsaved changes may be discarded; asks if there are any. */
  async mayLeave(): Promise<boolean> {
    return !this.#isBusy && (!this.isEdited || (await ask("Discard your changes?", "Discard")));
  }

  /** @param entry - undefined for a new one */
  show(namespace: NamespaceAnswer, entry: EntryAnswer | undefined): void {
    this.#namespace = namespace;
    this.#entry = entry;
    this.#form.hidden = false;
    element("no-entry", HTMLParagraphElement).hidden = true;
    document.body.classList.add("entry-open");
    this.#key.value = shownText(entry?.key ?? "");
    this.#metadata.value = entry?.metadata == null ? "" : JSON.stringify(entry.metadata);
    this.#value.show(entry);
    this.#expiry.show(entry?.expiration, entry === undefined ? namespace.ttlSeconds : 0);
    this.#shown = { key: this.#key.value, metadata: this.#metadata.value, expiry: this.#expiry.state };
    showNote(element("metadata-problem", HTMLParagraphElement), undefined);
    this.#showState();
  }

  focusKey(): void {
    this.#key.focus();
  }

  close(): void {
    this.#form.hidden = true;
    this.#entry = undefined;
    element("no-entry", HTMLParagraphElement).hidden = false;
    document.body.classList.remove("entry-open");
  }

  save(): void {
    if (this.isOpen) this.#form.requestSubmit();
  }

  /** Asks, then deletes the entry that is shown. */
  delete(): void {
    this.#inTurn(async () => {
      const { key } = this;
      if (key === undefined || this.#namespace === undefined) return;
      if (!(await ask(`Delete the key ${visibleText(key)}? This cannot be undone.`, "Delete"))) return;
      await this.api.delete(this.#namespace.id, key);
      this.close();
      succeeded(`Deleted ${visibleText(key)}`);
      await this.events.onDeleted();
    });
  }

  async #write(): Promise<void> {
    const expiry = this.#expiry.read();
    const metadata = this.#readMetadata();
    const former = this.#entry;
    const key = editedText(former?.key ?? "", this.#key.value);
    if (expiry === undefined || metadata === undefined || this.#namespace === undefined) return;
    const text = this.#value.read();
    const entry = { ...(text === undefined ? { from: former?.key ?? key } : { text }), ...expiry, ...metadata };
    const isRenamed = former !== undefined && key !== former.key;
    const expects = former === undefined || isRenamed ? null : former.version;
    if (!(await this.#written(key, { ...entry, expects }))) return;
    if (isRenamed) await this.api.delete(this.#namespace.id, former.key);
    succeeded(isRenamed ? `Renamed ${visibleText(former.key)} to ${visibleText(key)}` : `Saved ${visibleText(key)}`);
    await this.events.onSaved(key);
  }

  /** Writes the entry; asks if that would replace something that was not shown. */
  async #written(key: string, entry: EntryWrite): Promise<boolean> {
    const namespace = this.#namespace?.id ?? "";
    try {
      await this.api.write(namespace, key, entry);
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.conflict === undefined) throw error;
      const [question, yes] = CONFLICTS[error.conflict];
      if (!(await ask(question(visibleText(key)), yes))) return false;
      const { expects: _expects, ...rest } = entry;
      await this.api.write(namespace, key, rest);
      return true;
    }
  }

  /** Undefined, with the reason below the field, when it is not JSON. */
  #readMetadata(): Pick<EntryWrite, "metadata"> | undefined {
    const text = this.#metadata.value.trim();
    const problem = text === "" ? undefined : jsonProblem(text);
    const note = element("metadata-problem", HTMLParagraphElement);
    showNote(note, problem === undefined ? undefined : `metadata must be JSON: ${problem}`);
    if (problem !== undefined) {
      this.#metadata.focus();
      return undefined;
    }
    return text === "" ? {} : { metadata: JSON.parse(text) as unknown };
  }

  #discardChanges(): void {
    if (this.#entry === undefined) {
      this.close();
      this.events.onClosed();
    } else if (this.#namespace !== undefined) this.show(this.#namespace, this.#entry);
  }

  /** One action at a time: a second click while the first one runs does nothing. */
  #inTurn(act: () => Promise<void>): void {
    if (this.#isBusy) return;
    const focused = document.activeElement;
    this.#setBusy(true);
    act()
      .catch(failed)
      .finally(() => {
        this.#setBusy(false);
        if (document.activeElement === document.body && focused instanceof HTMLElement) focused.focus();
      });
  }

  #setBusy(isBusy: boolean): void {
    this.#isBusy = this.#fields.disabled = isBusy;
    this.#form.ariaBusy = String(isBusy);
    this.#showState();
  }

  #showState(): void {
    const isRenamed = this.#entry !== undefined && this.#key.value !== this.#shown.key;
    element("entry-title", HTMLHeadingElement).textContent = this.#entry === undefined ? "New key" : "Entry";
    this.#save.textContent = isRenamed ? "Rename and save" : "Save";
    this.#save.disabled = this.#isBusy || (this.#entry !== undefined && !this.isEdited);
    this.#discard.hidden = this.#entry !== undefined && !this.isEdited;
    this.#discard.textContent = this.#entry === undefined ? "Cancel" : "Discard changes";
    this.#discard.disabled = this.#isBusy;
    this.#delete.hidden = this.#entry === undefined;
    this.#delete.disabled = this.#isBusy;
    const key = editedText(this.#entry?.key ?? "", this.#key.value);
    const hasHidden = visibleParts(key).some(({ hidden }) => hidden);
    showNote(
      element("key-note", HTMLParagraphElement),
      hasHidden ? `With all characters: ${visibleText(key)}` : undefined,
    );
  }
}

const CONFLICTS = {
  exists: [(key: string) => `The key ${key} exists already. Replace its entry?`, "Replace"],
  changed: [(key: string) => `${key} has changed since you opened it. Replace it with your version?`, "Replace"],
  gone: [(key: string) => `${key} has been deleted since you opened it. Write it again?`, "Write"],
} as const;
