/** The element of the page with an id, which must exist. */
export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} '${id}'`);
  return found;
}

/** A new element that holds text and other elements. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...content);
  return made;
}

/** Shows the text, or hides the element when it is empty. */
export function showNote(note: HTMLElement, text: string | undefined): void {
  note.hidden = text === undefined;
  note.textContent = text ?? "";
}
