import type { CommandEntry } from "./command.js";

/**
 * Every command, in the order of `cfkv --help`. A new one is a file `src/cli/<name>.ts` that exports `define`,
 * and a line here. Its module may import whatever it needs: nothing else loads it.
 */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "synth", summary: "synthesize the app into cdktf.out", load: () => import("./synth.js") },
  { name: "list", summary: "show what is synthesized: stacks, namespaces, Workers", load: () => import("./list.js") },
  { name: "dev", summary: "run a stack on this machine, without an account", load: () => import("./dev.js") },
];
