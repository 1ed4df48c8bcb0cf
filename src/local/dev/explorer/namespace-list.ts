import type { NamespaceAnswer, StackAnswer } from "./answers.js";
import { element, make } from "./dom.js";
import { exactDuration } from "./relative-time.js";

/** The namespaces of the stack, one of which is chosen. */
export class NamespaceList {
  readonly #list = element("namespaces", HTMLUListElement);
  #namespaces: readonly NamespaceAnswer[] = [];

  constructor(private readonly onChoose: (namespace: NamespaceAnswer) => void) {
    this.#list.addEventListener("keydown", (event) => moveFocus(event, this.#list));
  }

  show({ stack = "no stack runs yet", environment, developer, namespaces }: StackAnswer): void {
    document.title = `${stack} – KV explorer`;
    element("stack-name", HTMLSpanElement).textContent = stack;
    chip("environment", environment);
    chip("developer", developer);
    this.#namespaces = namespaces;
    element("no-namespaces", HTMLParagraphElement).hidden = namespaces.length > 0;
    this.#list.replaceChildren(
      ...namespaces.map((namespace) => {
        const button = make("button", { type: "button" }, ...content(namespace));
        button.dataset["id"] = namespace.id;
        button.onclick = () => this.onChoose(namespace);
        return make("li", {}, button);
      }),
    );
  }

  find(id: string | undefined): NamespaceAnswer | undefined {
    return this.#namespaces.find((namespace) => namespace.id === id);
  }

  get first(): NamespaceAnswer | undefined {
    return this.#namespaces[0];
  }

  /** Highlights the one that is shown. */
  mark(id: string): void {
    for (const button of this.#list.querySelectorAll("button")) {
      if (button.dataset["id"] === id) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
}

/** `Keys expire after 24 h unless written otherwise · signed-in users` */
export function namespaceDetail({ bindings, id, ttlSeconds, description }: NamespaceAnswer): string {
  return [bindings.length === 0 ? "not bound to any Worker" : id, ttlText(ttlSeconds), description]
    .filter((part) => part !== undefined && part !== "")
    .join(" · ");
}

/** The arrow keys move between the buttons of a list. */
export function moveFocus(event: KeyboardEvent, list: HTMLElement): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const buttons = [...list.querySelectorAll("button")];
  buttons[buttons.findIndex((button) => button === document.activeElement) + step]?.focus();
  event.preventDefault();
}

function content(namespace: NamespaceAnswer): Node[] {
  const { id, bindings, ttlSeconds, description } = namespace;
  const title = make("b", { textContent: bindings.length === 0 ? id : bindings.join(", ") });
  const lines = [bindings.length === 0 ? undefined : id, ttlText(ttlSeconds), description];
  return [title, ...lines.flatMap((text) => (text ? [make("small", { textContent: text })] : []))];
}

function ttlText(ttlSeconds: number): string {
  return ttlSeconds === 0 ? "keys do not expire" : `keys expire after ${exactDuration(ttlSeconds)}`;
}

function chip(id: string, text: string | undefined): void {
  const found = element(id, HTMLSpanElement);
  found.hidden = text === undefined;
  found.textContent = text ?? "";
}
