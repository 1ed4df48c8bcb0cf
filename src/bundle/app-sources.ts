import { sep } from "node:path";
import { build, stop, type Plugin } from "esbuild";

const PACKAGES = `${sep}node_modules${sep}`;

/**
 * Absolute paths of the files that an app is made of: its entry and all that it imports, through workspaces too, but
 * none of packages. Undefined when that cannot be found out.
 */
export async function appSources(entry: string): Promise<readonly string[] | undefined> {
  const found = new Set<string>();
  try {
    await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      outdir: ".",
      format: "esm",
      platform: "node",
      logLevel: "silent",
      loader: { ".node": "empty" },
      plugins: [ownFiles(found)],
    });
  } catch {
    return undefined;
  } finally {
    // Its process would keep this one from ending.
    await stop();
  }
  return [...found];
}

/** Notes the files that are no package's, and leaves out those that are. */
function ownFiles(found: Set<string>): Plugin {
  return {
    name: "own-files",
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...where }) => {
        if (pluginData === ownFiles) return undefined;
        const { importer, namespace, resolveDir, kind } = where;
        const target = await build.resolve(path, { importer, namespace, resolveDir, kind, pluginData: ownFiles });
        // What is not found may be made by a loader or a path of the app's own; its importer counts all the same.
        if (target.errors.length > 0 || target.external || target.path.includes(PACKAGES)) {
          return { path, external: true };
        }
        return { path: target.path };
      });
      build.onLoad({ filter: /.*/ }, ({ path }) => {
        found.add(path);
        return undefined;
      });
    },
  };
}
