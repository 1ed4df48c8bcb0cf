import type { Api } from "./api.js";
import { element } from "./dom.js";
import { failed, succeeded } from "./messages.js";
import { ask } from "./question.js";

/** Writes the entries of the chosen file, after a question with the number of keys that it replaces. */
export function offerImport(api: Api, namespace: () => string | undefined, onDone: () => Promise<void>): void {
  const button = element("import", HTMLButtonElement);
  const input = element("import-file", HTMLInputElement);
  button.onclick = () => input.click();
  input.onchange = () => {
    const [file] = input.files ?? [];
    const id = namespace();
    // So that the same file can be chosen again.
    const done = (): void => {
      input.value = "";
      button.disabled = false;
    };
    if (file === undefined || id === undefined) return;
    button.disabled = true;
    void importFile(api, id, file)
      .then((did) => (did ? onDone() : undefined))
      .catch(failed)
      .finally(done);
  };
}

async function importFile(api: Api, namespace: string, file: File): Promise<boolean> {
  const { entries, replaced } = await api.import(namespace, file, true);
  const count = `${entries} ${entries === 1 ? "entry" : "entries"}`;
  const replaces = replaced === 0 ? "No keys will be replaced." : `${replaced} of the keys exist and will be replaced.`;
  if (!(await ask(`Import ${count} from ${file.name} into ${namespace}? ${replaces}`, "Import"))) return false;
  await api.import(namespace, file, false);
  succeeded(`Imported ${count} from ${file.name}`);
  return true;
}
