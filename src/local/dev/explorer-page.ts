import { createHash } from "node:crypto";

const STYLE = `
  :root { color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif; }
  body { margin: 0; display: grid; grid-template-columns: 17rem minmax(14rem, 1fr) minmax(18rem, 1.4fr); height: 100vh; }
  section { border-right: 1px solid #8884; overflow: auto; padding: .75rem; }
  h1, h2 { font-size: 1rem; margin: 0 0 .5rem; }
  button, input, textarea { font: inherit; padding: .25rem .5rem; box-sizing: border-box; }
  ul { list-style: none; margin: .5rem 0; padding: 0; }
  li button { width: 100%; text-align: left; border: 0; background: none; cursor: pointer; overflow-wrap: anywhere; border-radius: .25rem; }
  li button:hover, li button:focus-visible { background: #8882; }
  li button[aria-current] { background: #48f3; }
  small { opacity: .7; display: block; }
  textarea { width: 100%; min-height: 14rem; font-family: ui-monospace, monospace; }
  label { display: block; margin: .5rem 0; } label input { width: 100%; }
  #problem { color: #c22; }
  @media (max-width: 50rem) { body { grid-template-columns: 1fr; height: auto; } }
`;

const SCRIPT = `
  const api = "/cdn-cgi/cfkv/api/namespaces";
  const token = new URLSearchParams(location.search).get("token");
  const at = (id) => document.getElementById(id);
  let namespace, prefix = "", expirations = new Map(), current;

  async function call(path, options) {
    const headers = token === null ? {} : { "cfkv-token": token };
    const response = await fetch(api + path, { ...options, headers: { ...options?.headers, ...headers } });
    const body = await response.json();
    at("problem").textContent = response.ok ? "" : body.problem;
    if (!response.ok) throw new Error(body.problem);
    return body;
  }
  const place = (key) => "/" + encodeURIComponent(namespace) + (key === undefined ? "/keys" : "/values/" + encodeURIComponent(key));

  function item(list, title, detail, open) {
    const button = document.createElement("button");
    button.textContent = title;
    if (detail) button.append(Object.assign(document.createElement("small"), { textContent: detail }));
    button.onclick = () => {
      for (const other of list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
      button.setAttribute("aria-current", "true");
      open();
    };
    const li = document.createElement("li");
    li.append(button);
    list.append(li);
    return button;
  }

  async function showNamespaces() {
    const { namespaces } = await call("");
    at("namespaces").replaceChildren();
    const buttons = namespaces.map(({ id, bindings, ttlSeconds, description }) => {
      const ttl = ttlSeconds ? "keys live " + ttlSeconds + " s" : "keys do not expire";
      const detail = [bindings.join(", "), ttl, description].filter(Boolean).join(" · ");
      return item(at("namespaces"), id, detail, () => { namespace = id; clearEntry(); showKeys(); });
    });
    buttons[0]?.click();
  }

  async function showKeys(cursor) {
    const query = new URLSearchParams({ prefix, ...(cursor && { cursor }) });
    const page = await call(place() + "?" + query);
    if (!cursor) { at("keys").replaceChildren(); expirations = new Map(); }
    for (const { name, expiration } of page.keys) {
      expirations.set(name, expiration);
      const detail = expiration && "expires " + new Date(expiration * 1000).toLocaleString();
      item(at("keys"), name, detail, () => showEntry(name));
    }
    at("empty").hidden = at("keys").children.length > 0;
    at("more").hidden = !page.cursor;
    at("more").onclick = () => showKeys(page.cursor);
  }

  async function showEntry(key) {
    const { text, bytes, metadata } = await call(place(key));
    current = key;
    at("key").value = key;
    at("value").value = text ?? "";
    at("value").disabled = at("save").disabled = text === undefined;
    at("metadata").value = metadata === null ? "" : JSON.stringify(metadata);
    at("ttl").value = "";
    at("size").textContent = bytes + " bytes" + (text === undefined ? ": not text, or too large to show" : "");
    at("delete").disabled = false;
  }

  function clearEntry() {
    current = undefined;
    for (const id of ["key", "value", "metadata", "ttl"]) at(id).value = "";
    at("value").disabled = at("save").disabled = false;
    at("delete").disabled = true;
    at("size").textContent = "";
  }

  at("prefix").oninput = (event) => { prefix = event.target.value; showKeys(); };
  at("new").onclick = clearEntry;
  at("reload").onclick = () => showNamespaces();
  at("entry").onsubmit = async (event) => {
    event.preventDefault();
    const key = at("key").value, ttl = at("ttl").value, metadata = at("metadata").value;
    let body;
    try {
      const kept = key === current ? expirations.get(key) : undefined;
      const expiry = ttl ? { expirationTtl: Number(ttl) } : kept ? { expiration: kept } : {};
      body = JSON.stringify({ text: at("value").value, ...expiry, ...(metadata && { metadata: JSON.parse(metadata) }) });
    } catch { at("problem").textContent = "metadata must be JSON"; return; }
    await call(place(key), { method: "PUT", body, headers: { "content-type": "application/json" } });
    await showKeys();
    await showEntry(key);
  };
  at("delete").onclick = async () => {
    await call(place(current), { method: "DELETE" });
    clearEntry();
    await showKeys();
  };
  showNamespaces();
`;

/** What the page may do: run its own script, and ask this server. */
export const EXPLORER_POLICY = [
  "default-src 'none'",
  `script-src '${hashOf(SCRIPT)}'`,
  `style-src '${hashOf(STYLE)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A page to look at keys and values, and to change them. It needs nothing from any network. */
export const EXPLORER_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Workers KV on this machine</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<section aria-label="Namespaces"><h1>Namespaces</h1><button id="reload">Reload</button><ul id="namespaces"></ul></section>
<section aria-label="Keys"><h2>Keys</h2>
<input id="prefix" placeholder="prefix" aria-label="prefix">
<ul id="keys"></ul><p id="empty" hidden>No keys.</p><button id="more" hidden>More</button></section>
<section aria-label="Entry"><h2>Entry</h2>
<form id="entry">
<label>Key <input id="key" required></label>
<label>Value <textarea id="value"></textarea></label><small id="size"></small>
<label>Metadata, as JSON <input id="metadata"></label>
<label>Lives for seconds <input id="ttl" type="number" min="60" placeholder="unchanged; a new key does not expire"></label>
<button id="save">Save</button> <button id="delete" type="button" disabled>Delete</button> <button id="new" type="button">New</button>
</form><p id="problem" role="alert"></p></section>
<script>${SCRIPT}</script>
</body>
</html>
`;

function hashOf(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}
