import type { CommandEntry } from "./command.js";

/**
 * Every command, in the order of `cfkv --help`. A new one is a file `src/cli/commands/<name>.ts` that exports `define`,
 * and a line here. Its module may import whatever it needs: nothing else loads it.
 */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "synth",
    summary: "synthesize the app, or manifests, into cdktf.out",
    load: () => import("./commands/synth.js"),
  },
  { name: "validate", summary: "judge YAML manifests", load: () => import("./commands/validate.js") },
  { name: "schema", summary: "print the JSON schema of a manifest", load: () => import("./commands/schema.js") },
  {
    name: "list",
    summary: "show what is synthesized: stacks, namespaces, Workers",
    load: () => import("./commands/list.js"),
  },
  { name: "dev", summary: "run a stack on this machine, without an account", load: () => import("./commands/dev.js") },
  { name: "emulator", summary: "serve Cloudflare's API on this machine", load: () => import("./commands/emulator.js") },
  { name: "seed", summary: "write entries into namespaces, from files", load: () => import("./commands/seed.js") },
  { name: "export", summary: "write every entry of a namespace to a file", load: () => import("./commands/export.js") },
  { name: "copy", summary: "copy entries into another namespace", load: () => import("./commands/copy.js") },
  { name: "kv", summary: "single keys; namespaces of the account", load: () => import("./commands/kv.js") },
];
