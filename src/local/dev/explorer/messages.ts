import { ApiProblem } from "./api.js";
import { element, make } from "./dom.js";

/** Milliseconds that a success stays; a failure stays until it is closed, or something succeeds. */
const SHOWN_MS = 4000;

/** Shows a success. */
export function succeeded(text: string): void {
  for (const failure of element("messages", HTMLDivElement).querySelectorAll(".failure")) failure.remove();
  const message = show(text, "success");
  setTimeout(() => message.remove(), SHOWN_MS);
}

/** Shows a failure. A request that was replaced by a newer one is not a failure. */
export function failed(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (!(error instanceof ApiProblem)) reportError(error);
  show(error instanceof Error ? error.message : String(error), "failure");
}

function show(text: string, kind: "success" | "failure"): HTMLElement {
  const messages = element("messages", HTMLDivElement);
  for (const same of messages.children) if (same.querySelector("p")?.textContent === text) same.remove();
  const close = make("button", { type: "button", textContent: "✕", ariaLabel: "Close" });
  const message = make("div", { className: kind }, make("p", { textContent: text }), close);
  close.onclick = () => message.remove();
  messages.append(message);
  return message;
}
