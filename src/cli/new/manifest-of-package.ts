import { dirname, join, relative, resolve } from "node:path";
import { packageVersion } from "../version.js";
import type { Core } from "../commands/new-app.js";
import type { PackageManager } from "./package-manager.js";
import { PACKAGE_FOLDER, readJson } from "./templates.js";

const NAME = "cdktf-cloudflare-kv";
const CDKTN = "npm:cdktn@^0.24.0";

/** The `package.json` of a new project. */
export function packageJson(options: {
  readonly name: string;
  readonly folder: string;
  readonly core: Core;
  readonly hasHono: boolean;
  readonly manager: PackageManager;
}): string {
  const { name, folder, core, hasHono, manager } = options;
  const isCdktn = core === "cdktn";
  const dependencies = {
    "@cdktf/provider-cloudflare": rangeOf("@cdktf/provider-cloudflare"),
    cdktf: isCdktn ? CDKTN : rangeOf("cdktf"),
    [NAME]: ownRange(folder),
    constructs: isCdktn ? "~10.7.0" : rangeOf("constructs"),
    ...(hasHono && { hono: rangeOf("hono") }),
  };
  const devDependencies = Object.fromEntries(
    ["@types/node", "miniflare", "tsx", "typescript"].map((each) => [each, rangeOf(each)]),
  );
  return json({
    name,
    version: "0.0.0",
    private: true,
    type: "module",
    scripts: { dev: "cfkv dev", test: "tsc && node --import tsx --test test/*.test.ts" },
    dependencies,
    devDependencies,
    // The provider's bindings ask for cdktf by its name.
    ...(isCdktn && manager.name === "npm" && { overrides: { cdktf: "$cdktf" } }),
    ...(isCdktn && (manager.name === "yarn" || manager.name === "bun") && { resolutions: { cdktf: CDKTN } }),
  });
}

/** What pnpm reads in place of fields of package.json. */
export function pnpmWorkspace(core: Core): string {
  const overrides = core === "cdktn" ? `overrides:\n  cdktf: "${CDKTN}"\n` : "";
  return `packages:\n  - .\nonlyBuiltDependencies:\n  - esbuild\n  - workerd\n${overrides}`;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The versions that this package itself is tested with. */
function rangeOf(name: string): string {
  const own = readJson(join(PACKAGE_FOLDER, "package.json"));
  for (const kind of ["peerDependencies", "devDependencies", "dependencies"]) {
    const range = (own[kind] as Record<string, string> | undefined)?.[name];
    if (range !== undefined) return range;
  }
  return "latest";
}

/** The new project uses the package that made it: the same file, where it was installed from one. */
function ownRange(folder: string): string {
  for (let at = dirname(PACKAGE_FOLDER); dirname(at) !== at; at = dirname(at)) {
    const { dependencies, devDependencies } = readJson(join(at, "package.json")) as Record<
      string,
      Record<string, string>
    >;
    const range = dependencies?.[NAME] ?? devDependencies?.[NAME];
    if (range === undefined) continue;
    if (!range.startsWith("file:")) break;
    const path = relative(folder, resolve(at, range.slice("file:".length))).replaceAll("\\", "/");
    return `file:${path}`;
  }
  return `^${packageVersion()}`;
}
