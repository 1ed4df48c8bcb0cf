import type { CommandEntry } from "./command.js";

/** What one wants from a command, in the order of `cfkv --help`. */
const PURPOSES: Readonly<Record<string, readonly string[]>> = {
  "Build:": ["new", "synth", "validate", "schema", "import", "adopt", "types", "wrangler"],
  "Run here:": ["dev", "emulator"],
  "Deploy:": ["plan", "apply", "output", "destroy", "previews", "plan-guard", "d1"],
  "Data:": ["seed", "export", "copy", "kv"],
  "Understand:": ["list", "report", "check", "doctor", "usage", "estimate", "completion"],
};

const OTHERS = "Other commands:";

/** Commands by what they are for; what nobody has placed comes last. */
export function byPurpose(commands: readonly CommandEntry[]): readonly (readonly [heading: string, CommandEntry])[] {
  const rank = ({ name }: CommandEntry): number => {
    const place = Object.values(PURPOSES).flat().indexOf(name);
    return place === -1 ? Number.MAX_SAFE_INTEGER : place;
  };
  return [...commands].sort((a, b) => rank(a) - rank(b)).map((command) => [purposeOf(command), command] as const);
}

function purposeOf({ name }: CommandEntry): string {
  return Object.entries(PURPOSES).find(([, names]) => names.includes(name))?.[0] ?? OTHERS;
}
