import { type Fate, WRANGLER_FIELDS } from "../../src/wrangler/import/fields.js";
import { code, table } from "./page.js";

const FATES: Readonly<Record<Fate, string>> = {
  carried: "carried over",
  changed: "carried over differently",
  decide: "needs a decision",
  left: "cannot be",
};

/** Every field of wrangler's configuration, by name, and what becomes of it. */
export function wranglerFieldTable(): string {
  const rows = Object.entries(WRANGLER_FIELDS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { fate, how }]) => [code(name), FATES[fate], how]);
  return table(["field", "", "what it becomes, or why not"], rows);
}
