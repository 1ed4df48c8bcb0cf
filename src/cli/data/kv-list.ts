import type { ListedKey } from "../../cloudflare/kv-namespace-client.js";
import { listPages } from "../../data/pages.js";
import type { CommandContext } from "../command.js";
import type { KvListOptions } from "../commands/kv-keys.js";
import { columns } from "../terminal/columns.js";
import { withNamespaces } from "../data/namespaces.js";
import { UsageError } from "../errors.js";

/** `cfkv kv list`: prints a page at a time, however many keys there are. */
export async function listKeys(namespace: string, options: KvListOptions, context: CommandContext): Promise<void> {
  const { prefix = "", limit = "" } = options;
  if (!/^\d{0,12}$/.test(limit))
    throw new UsageError(`--limit must be a whole number, got '${limit}'`, "see: cfkv kv list --help");
  let left = limit === "" ? Infinity : Number(limit);
  const { results } = context;
  const json = options.json === true;
  await withNamespaces(context, async (namespaces) => {
    const { target, label } = await namespaces.find(namespace, options);
    context.notes.line(`source: ${label}`);
    let count = 0;
    if (json) results.write("[");
    for await (const page of left === 0 ? [] : listPages(target, { prefix })) {
      const keys = page.keys.slice(0, left);
      await results.send(
        json
          ? keys.map((key) => `${count++ === 0 ? "\n" : ",\n"}  ${JSON.stringify(key)}`).join("")
          : columns(keys.map(row))
              .map((line) => `${line}\n`)
              .join(""),
      );
      left -= keys.length;
      if (left === 0) break;
    }
    if (json) results.write(count === 0 ? "]\n" : "\n]\n");
  });
}

function row({ name, expiration, metadata }: ListedKey): string[] {
  const expires = expiration == null ? "" : `expires ${new Date(expiration * 1000).toISOString()}`;
  // A key may hold anything; a line break or an escape sequence would break the list.
  const shown = /\p{Cc}/u.test(name) ? JSON.stringify(name) : name;
  return [shown, expires, metadata == null ? "" : JSON.stringify(metadata)];
}
