import { element } from "./dom.js";

/** Asks before an action that cannot be undone. Escape means no. */
export async function ask(text: string, yes: string): Promise<boolean> {
  const dialog = element("question", HTMLDialogElement);
  element("question-text", HTMLParagraphElement).textContent = text;
  const button = element("question-yes", HTMLButtonElement);
  button.textContent = yes;
  button.classList.toggle("danger", yes === "Delete" || yes === "Replace");
  dialog.returnValue = "no";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
    button.focus();
  });
}
