import type { EntryAnswer } from "./answers.js";
import { byteSize } from "./byte-size.js";
import { element, showNote } from "./dom.js";
import { compactJson, jsonProblem, looksLikeJson, prettyJson } from "./json-text.js";
import { editedText, lineEndsNote, shownText } from "./line-ends.js";

/**
 * The value of an entry. Single-line JSON is shown with one member per line, and stored in one line again. An unedited
 * text is stored unchanged, byte for byte.
 */
export class ValueField {
  readonly #area = element("value", HTMLTextAreaElement);
  readonly #note = element("value-note", HTMLSpanElement);
  readonly #problem = element("value-problem", HTMLParagraphElement);
  readonly #toggle = element("pretty", HTMLButtonElement);
  #original = "";
  #isPretty = false;
  #isText = true;
  #shown = "";

  constructor() {
    this.#area.oninput = () => this.#check();
    this.#toggle.onclick = () => this.#togglePretty();
  }

  /** @param entry - undefined for a new one */
  show(entry: EntryAnswer | undefined): void {
    this.#isText = entry === undefined || entry.text !== undefined;
    this.#original = entry?.text ?? "";
    this.#isPretty = isJsonLine(this.#original);
    this.#area.value = this.#isPretty ? prettyJson(this.#original) : shownText(this.#original);
    this.#shown = this.#area.value;
    this.#area.disabled = !this.#isText;
    this.#area.placeholder = this.#isText ? "" : "Not text, or too large to show. It stays unchanged.";
    this.#area.scrollTop = 0;
    const facts = entry === undefined ? [] : [byteSize(entry.bytes), lineEndsNote(this.#original)];
    this.#note.textContent = facts.filter((fact) => fact !== undefined).join(" · ");
    this.#check();
  }

  get isEdited(): boolean {
    return this.#area.value !== this.#shown;
  }

  /** The text to store; undefined when the value is binary and stays unchanged. */
  read(): string | undefined {
    if (!this.#isText) return undefined;
    if (!this.isEdited) return this.#original;
    const text = this.#area.value;
    if (!this.#isPretty) return editedText(this.#original, text);
    const end = /\s*$/.exec(this.#original)?.[0] ?? "";
    return jsonProblem(text) === undefined ? compactJson(text) + end : text;
  }

  #togglePretty(): void {
    const text = this.read() ?? "";
    const wasEdited = this.isEdited;
    // JSON of several lines has its own layout: changing that is an edit.
    const isView = isJsonLine(this.#original);
    this.#isPretty = isView && !this.#isPretty;
    this.#area.value = !isView || this.#isPretty ? prettyJson(text) : shownText(text);
    if (isView && !wasEdited) this.#shown = this.#area.value;
    this.#check();
    this.#area.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #check(): void {
    const text = this.#area.value;
    const isJson = this.#isText && looksLikeJson(text);
    const problem = isJson ? jsonProblem(text) : undefined;
    this.#toggle.hidden = !isJson || problem !== undefined;
    this.#toggle.textContent = this.#isPretty ? "Show as stored" : "Format JSON";
    this.#toggle.ariaPressed = String(this.#isPretty);
    this.#problem.className = problem === undefined ? "note good" : "note bad";
    const verdict = problem === undefined ? "valid JSON" : `not valid JSON: ${problem}`;
    showNote(this.#problem, isJson ? verdict : undefined);
  }
}

function isJsonLine(text: string): boolean {
  return looksLikeJson(text) && !text.trim().includes("\n") && jsonProblem(text) === undefined;
}
