/** The explorer's page: its parts and how they interact. */
import type { NamespaceAnswer } from "./answers.js";
import { Api } from "./api.js";
import { element } from "./dom.js";
import { EntryForm } from "./entry-form.js";
import { offerImport } from "./import-file.js";
import { KeyList } from "./key-list.js";
import { listenToKeys } from "./keyboard.js";
import { failed } from "./messages.js";
import { NamespaceList } from "./namespace-list.js";

const api = new Api(new URLSearchParams(location.search).get("token"));
const namespaces = new NamespaceList((namespace) => run(choose(namespace)));
const keys = new KeyList(api, (key) => run(open(key)));
const entry = new EntryForm(api, {
  onSaved: async (key) => {
    await Promise.all([show(key), keys.reload()]);
  },
  onDeleted: async () => {
    remember();
    keys.mark(undefined);
    await keys.reload();
    keys.focus();
  },
  onClosed: () => keys.focus(),
});
let namespace: NamespaceAnswer | undefined;
/** The latest key that was opened: an answer about another one is ignored. */
let opening = new AbortController();

element("reload", HTMLButtonElement).onclick = () => run(reload());
for (const id of ["new", "new-too"]) element(id, HTMLButtonElement).onclick = () => run(openNew());
element("back", HTMLButtonElement).onclick = () => run(back());
element("show-shortcuts", HTMLButtonElement).onclick = showShortcuts;
offerImport(
  api,
  () => namespace?.id,
  () => keys.reload(),
);
listenToKeys({
  keys: {
    "/": () => element("prefix", HTMLInputElement).focus(),
    "?": showShortcuts,
    n: () => run(openNew()),
    r: () => run(reload()),
    Delete: () => entry.delete(),
    ArrowDown: () => keys.focus(),
  },
  onSave: () => entry.save(),
  onEscape: () => run(back()),
});
addEventListener("beforeunload", (event) => {
  if (entry.isEdited) event.preventDefault();
});
run(start());

/** Opens what was open before the reload. */
async function start(): Promise<void> {
  const [id, key] = location.hash.slice(1).split("/").map(decodeURIComponent);
  namespaces.show(await api.stack());
  const first = namespaces.find(id) ?? namespaces.first;
  if (first === undefined) return;
  await showNamespace(first);
  if (key !== undefined && first.id === id) await show(key);
}

async function reload(): Promise<void> {
  namespaces.show(await api.stack());
  const same = namespaces.find(namespace?.id) ?? namespaces.first;
  if (same === undefined) return;
  if (same.id !== namespace?.id) return choose(same);
  namespace = same;
  namespaces.mark(same.id);
  const key = entry.isEdited ? undefined : entry.key;
  await Promise.all([keys.reload(), key === undefined ? undefined : show(key)]);
}

async function choose(chosen: NamespaceAnswer): Promise<void> {
  if (!(await entry.mayLeave())) return;
  entry.close();
  await showNamespace(chosen);
}

async function showNamespace(chosen: NamespaceAnswer): Promise<void> {
  namespace = chosen;
  namespaces.mark(chosen.id);
  element("export", HTMLAnchorElement).href = api.exportUrl(chosen.id);
  remember();
  await keys.show(chosen);
}

async function open(key: string): Promise<void> {
  if (key === entry.key && entry.isEdited) return;
  if (await entry.mayLeave()) await show(key);
}

async function show(key: string): Promise<void> {
  if (namespace === undefined) return;
  const { id } = namespace;
  opening.abort();
  opening = new AbortController();
  keys.mark(key);
  // Prevents typing into an entry that is about to be replaced.
  const pane = element("entry-pane", HTMLElement);
  pane.inert = true;
  try {
    const found = await api.entry(id, key, opening.signal);
    if (id !== namespace.id) return;
    entry.show(namespace, found);
    remember(key);
  } catch (error) {
    keys.mark(entry.key);
    throw error;
  } finally {
    pane.inert = false;
  }
}

async function openNew(): Promise<void> {
  if (namespace === undefined || !(await entry.mayLeave())) return;
  keys.mark(undefined);
  entry.show(namespace, undefined);
  entry.focusKey();
}

async function back(): Promise<void> {
  if (!entry.isOpen || !(await entry.mayLeave())) return;
  entry.close();
  remember();
  keys.focus();
}

/** Keeps the open namespace and key in the address, so that a reload keeps them. */
function remember(key?: string): void {
  const parts = [namespace?.id ?? "", ...(key === undefined ? [] : [key])];
  history.replaceState(null, "", `#${parts.map(encodeURIComponent).join("/")}`);
}

function showShortcuts(): void {
  element("shortcuts", HTMLDialogElement).showModal();
}

function run(work: Promise<void>): void {
  work.catch(failed);
}
