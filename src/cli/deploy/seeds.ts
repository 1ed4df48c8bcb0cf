import { namespaceLabel, type Stack } from "../../assembly/index.js";
import { checkEntries, EntriesError } from "../../data/entries.js";
import { KeySet } from "../../data/key-set.js";
import type { CommandContext } from "../command.js";
import { seedCommand } from "../data/seed.js";
import type { Project } from "../project.js";

/** Checks the seed files of stacks before anything is deployed, and counts their entries by namespace. */
export async function checkSeeds(stacks: readonly Stack[]): Promise<ReadonlyMap<string, number>> {
  const errors: EntriesError[] = [];
  const counts = new Map<string, number>();
  for (const namespace of stacks.flatMap(({ namespaces }) => namespaces)) {
    const { seedFiles } = namespace;
    if (seedFiles.length === 0) continue;
    try {
      const { count } = await checkEntries(seedFiles, { skipExpired: false }, new KeySet());
      counts.set(namespaceLabel(namespace), count);
    } catch (error) {
      if (!(error instanceof EntriesError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length === 0) return counts;
  throw new EntriesError(
    errors.flatMap(({ problems }) => problems),
    errors.reduce((sum, { problemCount }) => sum + problemCount, 0),
  );
}

/** Writes the seed files of a stack, as `cfkv seed` does; the apply was confirmed for both. */
export async function seedStack(stack: Stack, project: Project, context: CommandContext): Promise<unknown> {
  let written: unknown;
  const quiet: CommandContext = {
    ...context,
    results: { ...context.results, json: (value) => (written = value) },
  };
  await seedCommand([stack.name], { output: project.output, yes: true, json: true }, quiet);
  return written;
}
