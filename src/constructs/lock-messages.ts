import type { TerraformStack } from "cdktf";
import type { CfkvEnvironment } from "../assembly/cfkv-record.js";
import { type Gone, LOCK_FILE, LOCKED_KINDS, type LockedKind, type LockedStack, NOUN, shortId } from "../lock/index.js";
import { count } from "../values/text.js";

const HOLDS: Readonly<Record<LockedKind, string>> = {
  namespaces: "with every key in it",
  databases: "with every row in it",
  workers: "with its routes and secrets",
};

/** What is gone, what an apply would do, and the three ways out with the lines to write. */
export function goneMessage(
  stack: TerraformStack,
  { environment }: { readonly environment: CfkvEnvironment | undefined },
  { kind, name, entry, call, formerly, successor }: Gone,
): string {
  const address = entry.addresses["Resource"] ?? Object.values(entry.addresses)[0] ?? entry.id;
  const line = JSON.stringify(call);
  const now = successor?.id === entry.id ? ` (the ${NOUN[kind]} there is now named '${successor.name}')` : "";
  return [
    `stack '${stack.node.id}' no longer defines the protected ${NOUN[kind]} '${name}', last at ${address}${now}; ` +
      `an apply would delete it ${HOLDS[kind]}. Write one of:`,
    `  renamedFrom: ${JSON.stringify(formerly)}   ${renamed(kind, successor === undefined ? undefined : shortId(successor.id))}`,
    `  retired: [${line}]   ${place(environment)}: Terraform forgets it, Cloudflare keeps it`,
    `  deleted: [${line}]   ${place(environment)}: the next apply deletes it ${HOLDS[kind]}`,
  ].join("\n");
}

function renamed(kind: LockedKind, successor: string | undefined): string {
  const where =
    successor === undefined ? `in the ${NOUN[kind]} it was renamed to` : `in '${successor}', if it was renamed to`;
  const kept: Readonly<Record<LockedKind, string>> = {
    namespaces: "moved and renamed in place, keys kept",
    databases: "moved, rows kept; its databaseName must stay",
    workers: "moved, keeps serving; the workerName of one script must stay",
  };
  return `${where}: ${kept[kind]}`;
}

function place(environment: CfkvEnvironment | undefined): string {
  return environment === undefined
    ? "in any namespace or Worker of the stack"
    : `in environment '${environment.environment}', or in the set for all of them`;
}

/** A stack that the app no longer defines, and what of it Cloudflare still has. */
export function goneStackMessage(name: string, stack: LockedStack): string {
  const left = LOCKED_KINDS.flatMap((kind) => Object.keys(stack[kind] ?? {}).map((one) => `${NOUN[kind]} '${one}'`));
  const what = left.length === 0 ? "" : ` Cloudflare still has ${left.join(", ")}, which no stack manages now.`;
  return (
    `the stack '${name}' is gone from the app, with ${count(left.length, "protected name")}.${what} To delete them, define the stack ` +
    `again and run 'cdktf destroy ${name}' first. Then, or to keep them at Cloudflare, write retired: ["${name}"] to the set, ` +
    `or remove '${name}' from ${LOCK_FILE}`
  );
}

/** A lock that must change and is not written here. */
export function outdatedMessage(path: string, reason: string, isMissing: boolean): string {
  const what = isMissing ? `there is no ${path} yet` : `${path} does not match what is defined now`;
  return `${what}, and it is not written here because ${reason}: run 'npx cdktf synth' (or 'npx cfkv synth') where you develop and commit the file`;
}
