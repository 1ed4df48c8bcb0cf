import { CHECK_CODES } from "../../src/constructs/check-codes.js";
import { ERROR_CODES } from "../../src/errors.js";
import { CONFIG_CODES, MANIFEST_CODES } from "../../src/manifest/findings/codes.js";
import { KV_ERROR_CODES } from "../../src/runtime/error-codes.js";
import { code, table } from "./page.js";

/** Errors in alphabetical order: the meaning from the source, the way out as the page has it. */
export function errorTable(current: string): string {
  return codeTable("what it means", Object.entries(ERROR_CODES).sort(byCode), current);
}

/** Problems of manifests in the order in which they arise. */
export function manifestCodeTable(current: string): string {
  return codeTable("what is wrong", Object.entries(MANIFEST_CODES), current);
}

/** Checks of stacks in alphabetical order. */
export function checkTable(current: string): string {
  return codeTable("what it means", Object.entries(CHECK_CODES).sort(byCode), current);
}

/** Errors of the runtime library in the order in which they arise. */
export function runtimeCodeTable(current: string): string {
  return codeTable("what it means", Object.entries(KV_ERROR_CODES), current);
}

/** Problems of wrangler's configuration that manifests do not have. */
export function configCodeTable(current: string): string {
  return codeTable("what is wrong", Object.entries(CONFIG_CODES), current);
}

function codeTable(meaning: string, codes: readonly (readonly [string, string])[], current: string): string {
  const ways = new Map(
    [...current.matchAll(/^\| `([A-Z_\d]+)` \|(?: .*?)? \| (.*) \|$/gm)].map(([, name = "", way = ""]) => [name, way]),
  );
  const rows = codes.map(([name, what]) => {
    const way = ways.get(name);
    if (way === undefined)
      throw new Error(`write what to do: | \`${name}\` | … | <what to do> | in the table of docs/`);
    return [code(name), what, way];
  });
  return table(["code", meaning, "what to do"], rows);
}

function byCode([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
