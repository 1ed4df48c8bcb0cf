/**
 * Runs in the app's process before the app: loads the libraries that an app for Workers is made with, says which files
 * that were, and waits. Node loads it by `NODE_OPTIONS`, so also in npx and tsx; only the process that runs the app's
 * own file has to wait. When the other end goes away, however that happens, so does this process.
 *
 * Nothing of the app itself is loaded: what its modules read while they load may change until the app is run.
 */
export const WAIT = `
import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { isMainThread } from "node:worker_threads";

const { CFKV_STANDBY: place, CFKV_NODE_OPTIONS: options } = process.env;
const script = process.argv[1] ?? "";
if (place && isMainThread && (!/[\\\\/]node_modules[\\\\/]/.test(script) || /[\\\\/]ts-node[^\\\\/]*$/.test(script))) {
  delete process.env.CFKV_STANDBY;
  delete process.env.CFKV_NODE_OPTIONS;
  process.env.NODE_OPTIONS = options;
  // A module that failed stays failed in this process, though its file be mended: without files the app runs anew.
  const files = await preload().catch(() => undefined);
  await new Promise((go) => {
    let waiting = true;
    const socket = connect(place, () => socket.write(JSON.stringify({ files }) + "\\n"));
    const leave = () => { if (waiting) process.exit(0); };
    socket.on("error", leave).on("close", leave);
    socket.once("data", () => { waiting = false; socket.destroy(); go(); });
  });
}

/** The files of all modules that were loaded. */
async function preload() {
  const { Session } = await import("node:inspector");
  const loaded = new Set();
  const session = new Session();
  session.connect();
  // Nobody else tells of ES modules, and this tells of those that are parsed from now on without fail.
  session.on("Debugger.scriptParsed", ({ params }) => loaded.add(params.url));
  session.post("Debugger.enable");
  try {
    const from = pathToFileURL(process.cwd() + "/app").href;
    const require = createRequire(from);
    const importAs = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    const load = (name) =>
      new vm.Script("import(" + JSON.stringify(name) + ")", { filename: from, importModuleDynamically: importAs })
        .runInThisContext();
    if (importAs !== undefined) for (const hook of hooks()) await load(hook);
    const imports = importAs !== undefined && isModule();
    for (const name of ["cdktf", "cdktf-cloudflare-kv"]) {
      try { require.resolve(name); } catch { continue; }
      if (imports) await load(name);
      else require(name);
    }
    return [...loaded].filter((url) => url.startsWith("file:") && url !== from);
  } finally {
    session.disconnect();
  }
}

/** Whether the app imports: what is required may be another copy of a library. A wrong guess costs time only. */
function isModule() {
  if (/\\.[cm][jt]s$/.test(script)) return /\\.m..$/.test(script);
  try { return JSON.parse(readFileSync("package.json", "utf8")).type === "module"; } catch { return false; }
}

/** What the command line loads beside this, such as tsx: the libraries may need it. */
function hooks() {
  return process.execArgv.flatMap((option, at, all) =>
    option === "--import" ? [all[at + 1]] : option.startsWith("--import=") ? [option.slice("--import=".length)] : []);
}
`;
