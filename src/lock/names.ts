import { shortId } from "./model.js";
import type { Defined } from "./stack-plan.js";

/** Whether a name that the author wrote means this one. */
export function isCalled(text: string, name: string, id: string): boolean {
  return text === name || text === id || text === shortId(id);
}

/**
 * The same definitions, each with a name of its own in the lock: two namespaces of one name in two accounts have the
 * path of their construct in it. The account would be an id, and is often known to Terraform alone.
 */
export function withOwnNames(defined: readonly Defined[]): readonly Defined[] {
  const counts = new Map<string, number>();
  for (const one of defined) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  if (counts.size === defined.length) return defined;
  // Once more, because a namespace may already have the resulting name.
  return withOwnNames(
    defined.map((one) => (counts.get(keyOf(one)) === 1 ? one : { ...one, name: `${one.name}${suffix(one.id)}` })),
  );
}

/** The name at Cloudflare of an entry in the lock. */
export function nameAtCloudflare(name: string, id: string): string {
  const end = suffix(id);
  return name.endsWith(end) ? nameAtCloudflare(name.slice(0, -end.length), id) : name;
}

function suffix(id: string): string {
  return ` @ ${id}`;
}

function keyOf({ kind, name }: Defined): string {
  return `${kind} ${name}`;
}
