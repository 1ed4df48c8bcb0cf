import { existsSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { readAssembly, type Stack } from "../../assembly/index.js";
import { InputError } from "../../errors.js";
import {
  type Deletion,
  deletionsOf,
  findLock,
  type LockedStack,
  nameAtCloudflare,
  NOUN,
  readLock,
} from "../../lock/index.js";
import { isObject } from "../../values/json.js";
import { count } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { PlanGuardOptions } from "../commands/plan-guard.js";
import { Clients } from "../data/clients.js";
import { readProject } from "../project.js";

/** A deletion, and whether it may happen. */
export interface Verdict extends Deletion {
  /** Why it must not be deleted; undefined if it may. */
  readonly refused: string | undefined;
}

/** `cfkv plan-guard`: checks what a plan deletes, before it is applied. */
export async function planGuardCommand(
  file: string,
  options: PlanGuardOptions,
  context: CommandContext,
): Promise<void> {
  const path = resolve(context.cwd, file);
  const deletions = deletionsOf(read(path), file);
  const stack = deletions.length === 0 ? undefined : stackOf(path, options, context);
  const verdicts = await verdictsOn(deletions, stack, context);
  const refused = verdicts.filter((verdict) => verdict.refused !== undefined);
  if (options.json === true) context.results.json({ allowed: refused.length === 0, deletions: verdicts });
  else {
    for (const one of verdicts) {
      const what = `${one.isReplaced ? "replaces" : "deletes"} ${NOUN[one.kind]} '${one.name}' (${one.address})`;
      context.results.line(one.refused === undefined ? `ok       ${what}` : `REFUSED  ${what}: ${one.refused}`);
    }
    const summary = verdicts.length === 0 ? "the plan deletes no namespace, database or Worker" : undefined;
    context.results.line(summary ?? `${count(verdicts.length, "deletion")}, ${refused.length} refused`);
  }
  context.finishWith(refused.length === 0 ? 0 : 1);
}

/**
 * Decides on every deletion in a plan.
 *
 * @param stack - the stack of the plan; undefined when it is unknown, and so is its protection
 */
export async function verdictsOn(
  deletions: readonly Deletion[],
  stack: Stack | undefined,
  context: CommandContext,
): Promise<readonly Verdict[]> {
  const lockPath = findLock([context.cwd]);
  const locked = stack === undefined || lockPath === undefined ? undefined : readLock(lockPath)?.stacks[stack.name];
  const named = stack === undefined ? [] : namedDeleted(stack);
  const clients = new Clients(context);
  const verdicts: Verdict[] = [];
  for (const deletion of deletions) {
    verdicts.push({ ...deletion, refused: await refusal(deletion, { stack, locked, named, clients, context }) });
  }
  return verdicts;
}

interface Known {
  readonly stack: Stack | undefined;
  readonly locked: LockedStack | undefined;
  readonly named: readonly string[];
  readonly clients: Clients;
  readonly context: CommandContext;
}

async function refusal(deletion: Deletion, known: Known): Promise<string | undefined> {
  const { kind, name, address } = deletion;
  const { stack, locked, named } = known;
  if (named.some((one) => one === name || isAt(address, one))) return undefined;
  // This state missed the deletion that an earlier synthesis allowed.
  if (locked?.deleted?.[address] === name) return undefined;
  const isNamedNowhere = `list it in deleted: ["${name}"] to allow its deletion`;
  const entries = Object.entries(locked?.[kind] ?? {});
  const mayBeIt = entries.filter(([one, { id }]) => nameAtCloudflare(one, id) === name);
  if (mayBeIt.some(([, entry]) => entry.protected !== false)) return `cfkv.lock.json protects it; ${isNamedNowhere}`;
  if (stack === undefined) return `its stack is unknown, and so is its protection; name the stack with --stack`;
  if (stack.protected) return `its environment is protected; ${isNamedNowhere}`;
  if (kind === "workers") return undefined;
  if (kind === "databases") return `it may hold rows; ${isNamedNowhere}`;
  return (await holdsKeys(deletion, known)) ? `it holds keys; ${isNamedNowhere}` : undefined;
}

/** Asks Cloudflare; without credentials or a response the command fails, because the answer is then unknown. */
async function holdsKeys({ accountId, id }: Deletion, { clients }: Known): Promise<boolean> {
  if (id === undefined) return true;
  const { keys } = await clients.open(accountId).namespace(id).listKeys();
  return keys.length > 0;
}

/** The binding in an EnvironmentSet, which the id in an address equals or begins with; a hash may follow. */
function isAt(address: string, binding: string): boolean {
  const id = address.slice(address.indexOf(".") + 1);
  const isAfter = (start: number): boolean => /^(_[0-9A-F]{8}(_|$)|$)/.test(id.slice(start + binding.length));
  const database = id.lastIndexOf(`_D1-${binding}`);
  return (id.startsWith(binding) && isAfter(0)) || (database !== -1 && isAfter(database + "_D1-".length));
}

function stackOf(path: string, options: PlanGuardOptions, context: CommandContext): Stack | undefined {
  const { output } = readProject(context, options.output);
  if (!existsSync(join(output, "manifest.json"))) return undefined;
  const { stacks } = readAssembly(output);
  if (options.stack !== undefined) {
    const found = stacks.find(({ name }) => name === options.stack);
    if (found !== undefined) return found;
    const known = stacks.map(({ name }) => name).join(", ");
    throw new InputError("STACK_UNKNOWN", `the assembly has no stack '${options.stack}'`, `it has ${known}`);
  }
  const around = stacks.find(({ directory }) => !relative(directory, path).startsWith(`..${sep}`));
  return around ?? (stacks.length === 1 ? stacks[0] : undefined);
}

/** The names that the source lists in `deleted`, from the stack's JSON. */
function namedDeleted({ directory }: Stack): readonly string[] {
  const stack: unknown = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8"));
  const comment = isObject(stack) ? stack["//"] : undefined;
  const block = isObject(comment) ? comment["cfkv"] : undefined;
  const deleted = isObject(block) ? block["deleted"] : undefined;
  return Array.isArray(deleted) ? deleted.filter((one) => typeof one === "string") : [];
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new InputError("PLAN_INVALID", `${path} cannot be read`, "name the file that 'terraform show -json' wrote", {
      cause,
    });
  }
}
