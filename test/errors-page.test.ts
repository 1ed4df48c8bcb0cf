import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECK_CODES } from "../src/constructs/check-codes.js";
import { ERROR_CODES } from "../src/errors.js";
import { KV_ERROR_CODES } from "../src/runtime/error-codes.js";

const LISTS = [join("constructs", "check-codes.ts"), join("runtime", "error-codes.ts")];

/** What uses codes: everything but the lists of them. */
const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !LISTS.includes(file))
  .map((file) => {
    const text = readFileSync(join("src", file), "utf8");
    return file === "errors.ts" ? text.split("as const")[1] : text;
  })
  .join("\n");

it.each(Object.keys({ ...ERROR_CODES, ...CHECK_CODES, ...KV_ERROR_CODES }))("%s is used", (code) => {
  expect(sources.includes(`"${code}"`)).toBe(true);
});
