import { sep } from "node:path";
import { build, stop, type Plugin } from "esbuild";

const PACKAGES = `${sep}node_modules${sep}`;

/**
 * Absolute paths of an app's source files: its entry and everything it imports, also through workspaces, but not from
 * packages. Undefined when they cannot be determined.
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
    // esbuild's process would keep this one from ending.
    await stop();
  }
  return [...found];
}

/** Records files outside packages, and leaves out those inside. */
function ownFiles(found: Set<string>): Plugin {
  return {
    name: "own-files",
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...where }) => {
        if (pluginData === ownFiles) return undefined;
        const { importer, namespace, resolveDir, kind } = where;
        const target = await build.resolve(path, { importer, namespace, resolveDir, kind, pluginData: ownFiles });
        // A missing import may come from the app's own loader or path mapping; its importer still counts.
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
