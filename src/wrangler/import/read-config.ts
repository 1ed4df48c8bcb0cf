import { existsSync } from "node:fs";
import { dirname, extname, join, relative, sep } from "node:path";
import { InputError } from "../../errors.js";
import { Files } from "../../manifest/files/files.js";
import { Findings } from "../../manifest/findings/findings.js";
import { type Paint, renderFinding } from "../../manifest/findings/render.js";
import { Place } from "../../manifest/findings/place.js";
import { placeOf } from "../../manifest/manifest.js";
import { decode } from "../../manifest/schema/decode.js";
import { CONFIG_SCHEMA, type WranglerConfig } from "./config-schema.js";
import { parseJsonc } from "./parse-jsonc.js";
import { parseToml } from "./parse-toml.js";
import { checkBindings } from "./source-environments.js";

/** The names wrangler looks for, in its order: the first kind anywhere above wins over the next. */
const CONFIG_FILES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/**
 * The configuration that wrangler would use in a folder.
 *
 * @throws InputError `WRANGLER_CONFIG_MISSING`
 */
export function findConfig(folder: string): string {
  for (const name of CONFIG_FILES) {
    for (let at = folder; ; at = dirname(at)) {
      const path = join(at, name);
      if (existsSync(path)) return relative(folder, path).replaceAll(sep, "/");
      if (dirname(at) === at) break;
    }
  }
  const message = `neither this folder nor one above it has ${CONFIG_FILES.join(", ")}`;
  throw new InputError("WRANGLER_CONFIG_MISSING", message, "name the file: cfkv import wrangler path/to/wrangler.toml");
}

/** A configuration that was read, and everything that is wrong with it. */
export interface ReadConfig {
  /** Complete only when no finding is an error. */
  readonly config: WranglerConfig;
  readonly findings: Findings;
}

/** Unknown fields are left out with a warning, as wrangler does. */
const LENIENT = new Map([["UNKNOWN_FIELD", "; it is left out"]] as const);

/** Reads and checks a configuration. Never throws for what is in it. */
export function readConfig(folder: string, file: string): ReadConfig {
  const findings = new Findings(LENIENT);
  const broken = { config: {}, findings };
  const files = new Files(folder);
  if (files.kindOf(file) !== "file") {
    findings.addForFile(file, { code: "FILE_NOT_FOUND", message: "there is no such file" });
    return broken;
  }
  const source = files.read(file, findings);
  if (source === undefined) return broken;
  const parse = extname(file).toLowerCase() === ".toml" ? parseToml : parseJsonc;
  const root = parse(source, findings);
  if (root === undefined || findings.errors > 0) return broken;
  const place = new Place({ findings, number: 1, confidential: false }, root);
  const config = decode(CONFIG_SCHEMA, root, place, "") as WranglerConfig | undefined;
  if (config === undefined || findings.errors > 0) return broken;
  const document = { document: { source, number: 1, root }, place };
  checkBindings(config, (path) => placeOf(document, ...path));
  for (const [name, environment] of Object.entries(config.env ?? {})) {
    checkBindings(environment, (path) => placeOf(document, "env", name, ...path));
  }
  return { config, findings };
}

/** The paths of fields that wrangler does not know. */
export function unknownFields({ findings }: ReadConfig): string[] {
  return findings.all.filter(({ code }) => code === "UNKNOWN_FIELD").map(({ path }) => path);
}

/** Every finding as people read it: position, code, path and message, then the line with a caret below. */
export function renderFindings({ findings }: ReadConfig, paint: Paint): string {
  return [...findings.all]
    .sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0))
    .map((finding) => renderFinding(finding, paint))
    .join("\n\n");
}
