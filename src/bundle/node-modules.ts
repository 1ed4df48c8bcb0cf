import { builtinModules } from "node:module";

/** The settings that decide which Node.js modules a Worker has. */
export interface Compatibility {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly flags: readonly string[];
}

/** The modules that `nodejs_compat` adds, from which compatibility date, and the flag that adds them earlier. */
interface Generation {
  readonly since: string;
  readonly flag?: string;
  readonly modules: readonly string[];
}

/** Earlier than every compatibility date. */
const ALWAYS = "0000-00-00";

/**
 * workerd's own modules. A test imports each of them into the installed workerd, at its date and the day before.
 *
 * @see https://developers.cloudflare.com/workers/runtime-apis/nodejs/
 * @see https://developers.cloudflare.com/workers/configuration/compatibility-flags/
 */
export const GENERATIONS: readonly Generation[] = [
  {
    since: ALWAYS,
    modules: (
      "_stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_writable _tls_common _tls_wrap " +
      "assert assert/strict async_hooks buffer constants crypto diagnostics_channel dns dns/promises events " +
      "fs/promises module net path path/posix path/win32 process querystring stream stream/consumers " +
      "stream/promises stream/web string_decoder timers timers/promises tls url util util/types zlib"
    ).split(" "),
  },
  { since: "2024-09-23", flag: "nodejs_compat_v2", modules: ["sys"] },
  {
    since: "2025-08-15",
    flag: "enable_nodejs_http_modules",
    modules: ["_http_agent", "_http_client", "_http_common", "_http_incoming", "_http_outgoing", "http", "https"],
  },
  { since: "2025-09-01", flag: "enable_nodejs_http_server_modules", modules: ["_http_server"] },
  ...["http2"].map((name) => generation("2025-09-01", name)),
  ...["fs", "os"].map((name) => generation("2025-09-15", name)),
  generation("2025-09-21", "console"),
  generation("2025-10-01", "vm"),
  ...["cluster", "domain", "punycode", "trace_events", "wasi"].map((name) => generation("2025-12-04", name)),
  { ...generation("2026-01-29", "stream_wrap"), modules: ["_stream_wrap"] },
  ...["dgram", "sqlite"].map((name) => generation("2026-01-29", name)),
  { ...generation("2026-01-29", "inspector"), modules: ["inspector", "inspector/promises"] },
  { ...generation("2026-03-17", "readline"), modules: ["readline", "readline/promises"] },
  ...["child_process", "perf_hooks", "repl", "tty", "v8", "worker_threads"].map((name) =>
    generation("2026-03-17", name),
  ),
];

function generation(since: string, name: string): Generation {
  return { since, flag: `enable_nodejs_${name}_module`, modules: [name] };
}

/** The Node.js modules that a Worker can import, without `node:`. */
export function nodeModulesOf({ date, flags }: Compatibility): readonly string[] {
  if (!hasNode(flags)) return flags.includes("nodejs_als") ? ["async_hooks"] : [];
  return GENERATIONS.filter(({ since, flag }) => date >= since || (flag !== undefined && flags.includes(flag))).flatMap(
    ({ modules }) => modules,
  );
}

/** What to change so that a Worker can import a Node.js module; undefined for any other name. */
export function nodeModuleAdvice(specifier: string, { flags }: Compatibility): string | undefined {
  const name = specifier.replace(/^node:/, "");
  const found = GENERATIONS.find(({ modules }) => modules.includes(name));
  if (found === undefined) {
    const isNodes = specifier.startsWith("node:") || builtinModules.includes(name);
    return isNodes ? `Workers have no module node:${name}` : undefined;
  }
  if (!hasNode(flags)) return 'add compatibilityFlags: ["nodejs_compat"] to use Node.js modules';
  return `node:${name} needs compatibilityDate: "${found.since}" or later`;
}

function hasNode(flags: readonly string[]): boolean {
  return flags.includes("nodejs_compat") || flags.includes("nodejs_compat_v2");
}
