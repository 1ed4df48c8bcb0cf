import { NO_CODE } from "./assets.js";
import type { MiniflareModuleFile, MiniflareWorker } from "./miniflare-worker.js";
import type { EngineModule, EngineVersion } from "./types.js";

/** The entrypoint through which a Worker's code is called, bypassing its static assets. */
export const ENTRY = "cfkvEntry";

/** Whether a Worker's code must be called through {@link ENTRY}. */
export function needsEntry({ assets, code }: EngineVersion): boolean {
  return assets !== undefined && code !== undefined && "modules" in code;
}

/** The code of a version in Miniflare's form. */
export function workerSource(version: EngineVersion): Pick<MiniflareWorker, "modules" | "modulesRoot" | "script"> {
  const { code } = version;
  if (code === undefined) return { modules: true, script: NO_CODE };
  if ("serviceWorker" in code) return { script: code.serviceWorker };
  const modules = code.modules.map(({ name, content, type = "esm" }) => ({
    type: MODULE_TYPES[type],
    path: modulePath(name),
    contents: typeof content === "string" ? content : new Uint8Array(content),
  }));
  return { modulesRoot: "/", modules: needsEntry(version) ? [entryOf(code.modules), ...modules] : modules };
}

function modulePath(name: string): string {
  return `/${name.replace(/^\.?\//, "")}`;
}

function entryOf([main]: readonly EngineModule[]): MiniflareModuleFile {
  const from = JSON.stringify(modulePath(main?.name ?? ""));
  const contents = `export * from ${from};\nexport { default, default as ${ENTRY} } from ${from};\n`;
  return { type: MODULE_TYPES.esm, path: "/cfkv-entry.js", contents };
}

const MODULE_TYPES = {
  esm: "ESModule",
  commonjs: "CommonJS",
  text: "Text",
  data: "Data",
  wasm: "CompiledWasm",
  python: "PythonModule",
} as const satisfies Record<NonNullable<EngineModule["type"]>, string>;
