/** Keyboard shortcuts of the page; they are off while a question is open. */
export interface Shortcuts {
  /** By the name of the key; ignored while typing in a field. */
  readonly keys: Readonly<Record<string, () => void>>;
  readonly onSave: () => void;
  readonly onEscape: () => void;
}

export function listenToKeys({ keys, onSave, onEscape }: Shortcuts): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      onSave();
      return;
    }
    if (event.key === "Escape") {
      onEscape();
      return;
    }
    const isTyping = event.target instanceof Element && event.target.matches("input, textarea, select");
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (act === undefined || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}
