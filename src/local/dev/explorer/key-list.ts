import type { KeyAnswer, NamespaceAnswer } from "./answers.js";
import type { Api } from "./api.js";
import { element, make, showNote } from "./dom.js";
import { failed } from "./messages.js";
import { moveFocus, namespaceDetail } from "./namespace-list.js";
import { relativeTime } from "./relative-time.js";
import { visibleParts } from "./visible-text.js";

/** Keys of one page, and of one search. */
const PAGE = 100;
/** The most keys of one page. */
const MAX_PAGE = 1000;
/** Milliseconds between looks at the clock. */
const TICK_MS = 10_000;
const SECONDS_SOON = 3600;

/** The loaded keys of the chosen namespace. */
export class KeyList {
  readonly #list = element("keys", HTMLUListElement);
  readonly #prefix = element("prefix", HTMLInputElement);
  readonly #contains = element("contains", HTMLInputElement);
  readonly #count = element("key-count", HTMLSpanElement);
  readonly #more = element("more", HTMLButtonElement);
  #namespace: NamespaceAnswer | undefined;
  #keys: readonly KeyAnswer[] = [];
  #isLoaded = false;
  #cursor: string | undefined;
  /** The loaded keys whose values match; undefined when values are not searched. */
  #found: ReadonlySet<string> | undefined;
  #chosen: string | undefined;
  #work = new AbortController();

  constructor(
    private readonly api: Api,
    private readonly onOpen: (key: string) => void,
  ) {
    this.#prefix.oninput = () => void this.#load(PAGE).catch(failed);
    this.#contains.oninput = () => void this.#search(this.#restart()).catch(failed);
    this.#more.onclick = () => void this.#load(PAGE, this.#cursor).catch(failed);
    this.#list.addEventListener("keydown", (event) => moveFocus(event, this.#list));
    for (const input of [this.#prefix, this.#contains]) {
      input.addEventListener("keydown", (event) => event.key === "ArrowDown" && moveFocus(event, this.#list));
    }
    setInterval(() => this.#showTimes(), TICK_MS);
  }

  /** Shows another namespace from its first key. */
  async show(namespace: NamespaceAnswer): Promise<void> {
    this.#namespace = namespace;
    this.#prefix.value = this.#contains.value = "";
    this.#keys = [];
    this.#isLoaded = false;
    this.#cursor = undefined;
    this.#found = undefined;
    this.#chosen = undefined;
    element("namespace-title", HTMLHeadingElement).textContent =
      namespace.bindings.length === 0 ? namespace.id : namespace.bindings.join(", ");
    element("namespace-detail", HTMLParagraphElement).textContent = namespaceDetail(namespace);
    this.#render();
    await this.#load(PAGE);
  }

  /** Reloads as many keys as are shown; the scroll position stays the same. */
  async reload(): Promise<void> {
    await this.#load(Math.min(MAX_PAGE, Math.max(PAGE, this.#keys.length)));
  }

  /** Marks a key, loaded or not. */
  mark(key: string | undefined): void {
    this.#chosen = key;
    for (const button of this.#list.querySelectorAll("button")) this.#markButton(button);
  }

  focus(): void {
    (this.#list.querySelector<HTMLElement>("[aria-current]") ?? this.#list.querySelector("button"))?.focus();
  }

  /** Cancels the current request: a late answer must not replace a newer one. */
  #restart(): AbortSignal {
    this.#work.abort();
    this.#work = new AbortController();
    return this.#work.signal;
  }

  async #load(limit: number, cursor?: string): Promise<void> {
    if (this.#namespace === undefined) return;
    const signal = this.#restart();
    this.#list.ariaBusy = "true";
    this.#more.disabled = true;
    this.#count.textContent = "Loading…";
    const query = { prefix: this.#prefix.value, limit: String(limit), ...(cursor === undefined ? {} : { cursor }) };
    try {
      const page = await this.api.keys(this.#namespace.id, query, signal);
      this.#keys = cursor === undefined ? page.keys : [...this.#keys, ...page.keys];
      this.#isLoaded = true;
      this.#cursor = page.cursor;
      await this.#search(signal);
    } catch (error) {
      if (!signal.aborted) this.#count.textContent = "Not loaded.";
      throw error;
    } finally {
      if (!signal.aborted) {
        this.#list.ariaBusy = "false";
        this.#more.disabled = false;
      }
    }
  }

  /** Searches the values of the loaded keys, page by page, and shows the matches so far. */
  async #search(signal: AbortSignal): Promise<void> {
    const text = this.#contains.value;
    const namespace = this.#namespace;
    this.#found = undefined;
    if (text !== "" && namespace !== undefined) {
      const found = new Set<string>();
      for (let at = 0; at < this.#keys.length; at += PAGE) {
        const part = this.#keys.slice(at, at + PAGE).map(({ name }) => name);
        for (const key of (await this.api.search(namespace.id, text, part, signal)).keys) found.add(key);
      }
      this.#found = found;
    }
    this.#render();
  }

  #render(): void {
    const shown = this.#keys.filter(({ name }) => this.#found?.has(name) ?? true);
    const hadFocus = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...shown.map((key) => make("li", {}, this.#row(key))));
    if (hadFocus) this.focus();
    this.#list.hidden = shown.length === 0;
    this.#more.hidden = this.#cursor === undefined;
    showNote(element("no-keys", HTMLParagraphElement), shown.length === 0 ? this.#whyEmpty() : undefined);
    this.#showCount();
  }

  #row({ name, expiration, metadata }: KeyAnswer): HTMLButtonElement {
    const parts = visibleParts(name).map(({ text, hidden }) => (hidden ? make("i", { textContent: text }) : text));
    const facts = make("span", { className: "facts" });
    if (metadata !== undefined && metadata !== null) facts.append(JSON.stringify(metadata));
    if (expiration !== undefined) {
      const time = make("time", { title: new Date(expiration * 1000).toLocaleString() });
      time.dataset["expiration"] = String(expiration);
      showTime(time);
      facts.append(facts.hasChildNodes() ? " · " : "", time);
    }
    const button = make("button", { type: "button" }, make("span", { className: "key", title: name }, ...parts), facts);
    button.dataset["key"] = name;
    button.onclick = () => this.onOpen(name);
    this.#markButton(button);
    return button;
  }

  #markButton(button: HTMLButtonElement): void {
    if (button.dataset["key"] === this.#chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }

  #whyEmpty(): string {
    if (!this.#isLoaded) return "Loading…";
    if (this.#found !== undefined) return "No value of the loaded keys contains this text.";
    return this.#prefix.value === "" ? "This namespace has no keys." : "No key begins with this prefix.";
  }

  #showCount(): void {
    const keys = `${this.#keys.length} ${this.#keys.length === 1 ? "key" : "keys"}`;
    const loaded = this.#cursor === undefined ? keys : `${keys} loaded, there are more`;
    const found = this.#found === undefined ? "" : `${this.#found.size} found in `;
    this.#count.textContent = this.#isLoaded ? found + loaded : "Loading…";
  }

  #showTimes(): void {
    for (const time of this.#list.querySelectorAll("time")) showTime(time);
  }
}

function showTime(time: HTMLTimeElement): void {
  const expiration = Number(time.dataset["expiration"]);
  const now = Date.now() / 1000;
  time.textContent = relativeTime(expiration, now);
  time.classList.toggle("soon", expiration - now < SECONDS_SOON);
}
