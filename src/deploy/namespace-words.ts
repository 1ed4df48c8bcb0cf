import { type Namespace, namespaceLabel, type Stack } from "../assembly/index.js";
import { moved, nameOf } from "./change-names.js";
import type { Described } from "./described.js";
import type { ResourceChange } from "./plan.js";

/** What happens to a namespace, and to its keys. */
export function namespaceWords(change: ResourceChange, stack: Stack): Described | undefined {
  if (change.type !== "cloudflare_workers_kv_namespace") return undefined;
  const name = nameOf(change);
  const known = stack.namespaces.find(({ logicalId }) => logicalId === change.logicalId);
  const id = change.before["id"];
  const losesKeys = change.action === "delete" || change.action === "replace";
  return {
    subject: "namespaces",
    name,
    text: text(change, name, known),
    details: moved(change),
    ...(losesKeys && typeof id === "string" && { losesKeysOf: id }),
  };
}

function text(change: ResourceChange, name: string, known: Namespace | undefined): string {
  const binding = known?.binding ?? known?.bindingNames[0];
  const as = binding === undefined ? "" : ` (${binding})`;
  const former = change.before["title"];
  switch (change.action) {
    case "update":
      return typeof former === "string" && former !== name
        ? `namespace '${former}'${as} is renamed to '${name}'; its id and its keys stay`
        : `namespace '${name}'${as}; its keys stay`;
    case "delete":
      return `namespace '${name}'${as} and all its keys`;
    case "replace":
      return `namespace '${name}'${as}: the new one is empty, and all its keys are lost`;
    case "forget":
      return `namespace '${name}'${as}; it stays at Cloudflare with its keys`;
    case "adopt":
      return `namespace '${name}'${as}, which exists already; its keys stay`;
    case "move":
      return `namespace '${name}'${as}; its keys stay`;
    case "create":
      return `namespace '${name}'${as}, empty${expiry(known)}`;
  }
}

function expiry(known: Namespace | undefined): string {
  if (known === undefined || known.ttlSeconds === 0) return "";
  return `; keys expire after ${known.ttlSeconds} s unless their writer says otherwise`;
}

/** What happens to a key that Terraform manages. The value is not shown. */
export function entryWords(change: ResourceChange, stack: Stack): Described | undefined {
  if (change.type !== "cloudflare_workers_kv") return undefined;
  const name = decoded(nameOf(change));
  const owner = stack.namespaces.find(({ entries }) => entries.some(({ logicalId }) => logicalId === change.logicalId));
  const place = owner === undefined ? "" : ` of '${namespaceLabel(owner)}'`;
  const what = change.changed.filter((attribute) => attribute === "value" || attribute === "metadata");
  const detail = change.action === "update" && what.length > 0 ? ` (another ${what.join(" and ")})` : "";
  return { subject: "entries", name, text: `key '${name}'${place}${detail}`, details: moved(change) };
}

/** The provider percent-encodes keys in some versions. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
