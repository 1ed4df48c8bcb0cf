import type { Stack } from "../assembly/index.js";

/**
 * Stacks in groups that are deployed one after another: each needs only stacks of the groups before it. What is not in
 * the list counts as deployed.
 */
export function deploymentGroups(stacks: readonly Stack[]): readonly (readonly Stack[])[] {
  const groups: Stack[][] = [];
  let waiting = [...stacks];
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ name }) => name));
    const ready = waiting.filter(({ dependencies }) => !dependencies.some((name) => names.has(name)));
    // A circle, which cdktf does not write: they go together.
    const next = ready.length > 0 ? ready : waiting;
    groups.push(next);
    waiting = waiting.filter((stack) => !next.includes(stack));
  }
  return groups;
}
