import { isObject, type JsonObject } from "../values/json.js";
import { exportWorker } from "./export-worker.js";
import { markedBy } from "./generated-file.js";
import type { ExportFolders } from "./paths.js";
import type { ResourceIds } from "./resource-ids.js";
import type { Family } from "./worker-family.js";

/** A whole `wrangler.jsonc`. */
export interface ExportedConfig {
  readonly text: string;
  /** What the file cannot say, or does not know yet. */
  readonly notes: readonly string[];
}

/**
 * Writes the configuration of a Worker in all its environments. The first one is also the top level: what wrangler does
 * without `--env`.
 */
export async function exportConfig(family: Family, ids: ResourceIds, folders: ExportFolders): Promise<ExportedConfig> {
  const exported: (readonly [environment: string, config: JsonObject])[] = [];
  const notes: string[] = [];
  for (const member of family.members) {
    const { config, notes: own } = await exportWorker(member, ids, folders);
    exported.push([member.environment, config]);
    notes.push(...own.map((note) => `environment '${member.environment}': ${note}`));
  }
  const [[first, own] = ["", {}]] = exported;
  const top = Object.fromEntries(Object.entries(own).filter(([field]) => isForAll(field, exported)));
  const dropped = Object.keys(own).filter((field) => !(field in top));
  if (dropped.length > 0) {
    const fields = dropped.map((field) => `'${field}'`).join(", ");
    notes.push(`the top level leaves out ${fields}, which other environments would inherit: use --env ${first}`);
  }
  const environments = Object.fromEntries(exported.map(([name, config]) => [name, withoutInheriting(config, top)]));
  const config = { $schema: "node_modules/wrangler/config-schema.json", ...top, env: environments };
  const lines = [
    markedBy("wrangler export"),
    `// the top level is the environment '${first}'`,
    ...notes.map((note) => `// ${note.replaceAll(/\s+/g, " ")}`),
    JSON.stringify(config, null, 2),
  ];
  return { text: `${lines.join("\n")}\n`, notes };
}

/** Fields that environments inherit and that no value turns off. */
const ONLY_FOR_ALL: ReadonlySet<string> = new Set([
  "main",
  "triggers",
  "limits",
  "placement",
  "assets",
  "observability",
]);

/** What stands for nothing, of fields that an environment would otherwise inherit, or be warned about. */
const NOTHING: Readonly<Record<string, unknown>> = {
  minify: false,
  no_bundle: false,
  upload_source_maps: false,
  logpush: false,
  vars: {},
  define: {},
};

function isForAll(field: string, exported: readonly (readonly [string, JsonObject])[]): boolean {
  return !ONLY_FOR_ALL.has(field) || exported.every(([, config]) => field in config);
}

/** wrangler's environments inherit some fields of the top level; an environment of a stack has only its own. */
function withoutInheriting(config: JsonObject, top: JsonObject): JsonObject {
  const filled: JsonObject = { ...config };
  for (const [field, value] of Object.entries(top)) {
    if (field in filled) continue;
    if (field in NOTHING) filled[field] = NOTHING[field];
    else if (Array.isArray(value)) filled[field] = [];
    else if (isObject(value) && Object.values(value).every(Array.isArray)) {
      filled[field] = Object.fromEntries(Object.keys(value).map((name) => [name, []]));
    }
  }
  return filled;
}
