import { dirname } from "node:path";
import { App, type TerraformResource, type TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { CodedError } from "../errors.js";
import {
  type Defined,
  findLock,
  isLockWritable,
  isReserved,
  type Lock,
  type LockedKind,
  type LockedStack,
  lockText,
  planStack,
  readLock,
  type StackPlan,
  updateLock,
} from "../lock/index.js";
import { goneMessage, goneStackMessage, outdatedMessage } from "./lock-messages.js";
import type { StackRecord } from "./stack-record.js";
import { warn } from "./warn.js";

const locks = new WeakMap<IConstruct, AppLock>();

/**
 * The lock of an app: what `cfkv.lock.json` remembers of its stacks, compared with what they define now. Read on first
 * use, checked when the first stack is synthesized, written when all stacks are.
 */
export class AppLock {
  static of(construct: IConstruct): AppLock {
    const { root } = construct.node;
    const known = locks.get(root) ?? new AppLock(root);
    locks.set(root, known);
    return known;
  }

  /** False when the app defines only some of the project's stacks, such as manifests synthesized on their own. */
  isWhole = true;

  private readonly path: string | undefined;
  private readonly records = new Map<TerraformStack, StackRecord>();
  private readonly forgotten = new Set<string>();
  private lock: { readonly content: Lock | undefined } | undefined;
  private plans = new Map<TerraformStack, StackPlan>();
  /** What the stacks defined when they were checked. Asking thousands of constructs again would double the time. */
  private things = new Map<StackRecord, readonly Defined[]>();

  private constructor(root: IConstruct) {
    const context: unknown = root.node.tryGetContext("lock");
    this.path =
      context === false || !App.isApp(root) ? undefined : typeof context === "string" ? context : findLock(folders());
    if (this.path !== undefined) root.node.addValidation({ validate: () => this.write() });
  }

  add(stack: TerraformStack, record: StackRecord): void {
    this.records.set(stack, record);
  }

  /** Records stacks that were removed on purpose; stacks that still exist are ignored. */
  forget(stackNames: readonly string[]): void {
    for (const name of stackNames) this.forgotten.add(name);
  }

  /** Gives a resource a separate address when a state may hold a different name at its usual one. */
  keepApart(resource: TerraformResource, record: StackRecord, kind: LockedKind, name: string): void {
    const locked = this.lockedStack(record.stack);
    if (locked === undefined) return;
    // Not the resource's own property, which would fix the id: the user may still override it.
    const id = record.stack.getLogicalId(resource);
    const address = `${resource.terraformResourceType}.${id}`;
    const apart = `${id}_${name.replace(/[^A-Za-z0-9_-]/g, "_")}`;
    const isApart = Object.values(locked[kind]?.[name]?.addresses ?? {}).includes(
      `${resource.terraformResourceType}.${apart}`,
    );
    if (isApart || isReserved(locked, address, kind, name, record.leaving)) resource.overrideLogicalId(apart);
  }

  /**
   * What the lock adds to a stack's JSON.
   *
   * @throws CodedError `PROTECTED_GONE` or `LOCK_CONFLICT` with everything that is wrong in all stacks
   */
  planOf(stack: TerraformStack): StackPlan {
    const known = this.plans.get(stack);
    // A second call means that the app is synthesized again and may have changed.
    if (known === undefined) this.planAll();
    const plan = this.plans.get(stack) ?? planStack(undefined, []);
    this.plans.delete(stack);
    return plan;
  }

  private planAll(): void {
    this.things = new Map([...this.records.values()].map((record) => [record, record.lockedThings()]));
    const planned = [...this.records].map(([stack, record]) => {
      const plan = planStack(this.lockedStack(stack), this.thingsOf(record), record.leaving);
      return { stack, record, plan };
    });
    const gone = planned.flatMap(({ stack, record, plan }) => plan.gone.map((one) => goneMessage(stack, record, one)));
    const problems = planned.flatMap(({ stack, plan }) =>
      plan.problems.map((problem) => `stack '${stack.node.id}': ${problem}`),
    );
    this.plans = new Map(planned.map(({ stack, plan }) => [stack, plan]));
    if (isForDevelopment()) this.keepWhatIsGone(planned);
    else if (gone.length + problems.length > 0) {
      throw new CodedError(gone.length > 0 ? "PROTECTED_GONE" : "LOCK_CONFLICT", [...gone, ...problems].join("\n\n"));
    }
    this.warn();
  }

  /** `cfkv dev` is not stopped. Its output must still be safe to apply, so Terraform would forget what is gone. */
  private keepWhatIsGone(planned: readonly PlannedRecord[]): void {
    for (const { stack, record, plan } of planned) {
      if (plan.gone.length === 0) continue;
      const { retired, deleted } = record.leaving;
      const names = plan.gone.map(({ name }) => name);
      this.plans.set(
        stack,
        planStack(this.lockedStack(stack), this.thingsOf(record), { retired: [...retired, ...names], deleted }),
      );
      for (const one of plan.gone) warn(stack, "PROTECTED_GONE", goneMessage(stack, record, one));
    }
  }

  /** While annotations of all stacks can still be added. */
  private warn(): void {
    const [first] = this.records.keys();
    if (first === undefined || this.path === undefined) return;
    for (const [name, stack] of this.goneStacks()) warn(first, "STACK_GONE", goneStackMessage(name, stack));
    const reason = this.whyNotWritten();
    if (reason !== undefined && !isForDevelopment() && this.change() !== undefined) {
      warn(first, "LOCK_OUTDATED", outdatedMessage(this.path, reason, this.content() === undefined));
    }
  }

  private goneStacks(): (readonly [name: string, stack: LockedStack])[] {
    const here = new Set([...this.records.keys()].map((stack) => stack.node.id));
    const apps = new Set([...this.records.values()].map((record) => record.environment?.app));
    return Object.entries(this.content()?.stacks ?? {}).filter(([name, { deleted: _, app, ...left }]) => {
      if (here.has(name) || this.forgotten.has(name) || isEmpty(left)) return false;
      return this.isWhole || (app !== undefined && apps.has(app));
    });
  }

  /** The lock's new content; undefined if the file is up to date. */
  private change(): Lock | undefined {
    const before = this.content();
    const here = new Set([...this.records.keys()].map((stack) => stack.node.id));
    const others = Object.entries(before?.stacks ?? {}).filter(
      ([name]) => !this.forgotten.has(name) && !here.has(name),
    );
    const stacks: Record<string, LockedStack> = Object.fromEntries(others);
    for (const [stack, record] of this.records) {
      const { next } = planStack(this.lockedStack(stack), this.thingsOf(record), record.leaving);
      const app = record.environment?.app;
      const { app: _, ...names } = next;
      if (!isEmpty(next)) stacks[stack.node.id] = { ...(app !== undefined && { app }), ...names };
    }
    const after: Lock = { version: 1, stacks };
    if (before === undefined && Object.keys(stacks).length === 0) return undefined;
    return before !== undefined && lockText(before) === lockText(after) ? undefined : after;
  }

  /** Runs when every stack has been synthesized: an earlier failure leaves the lock unchanged. */
  private write(): string[] {
    const { path } = this;
    if (path === undefined || this.records.size === 0 || this.whyNotWritten() !== undefined) return [];
    // An up-to-date file is not even locked: that would trigger a watcher of the folder.
    if (this.change() === undefined) return [];
    // Typed, as the compiler does not see what a callback assigns.
    let isNew = false as boolean;
    updateLock(path, (content) => {
      // Another process may have written since it was read.
      this.lock = { content };
      const change = this.change();
      isNew = content === undefined && change !== undefined;
      return change;
    });
    this.lock = undefined;
    if (isNew)
      process.stderr.write(`wrote ${path}: commit it, it keeps protected names from being deleted by accident\n`);
    return [];
  }

  private thingsOf(record: StackRecord): readonly Defined[] {
    return this.things.get(record) ?? record.lockedThings();
  }

  private whyNotWritten(): string | undefined {
    const { CI = "" } = process.env;
    if (isForDevelopment()) return "cfkv dev does not write it";
    if (!["", "0", "false"].includes(CI.toLowerCase())) return "CI is set";
    return this.path === undefined || isLockWritable(this.path)
      ? undefined
      : `${dirname(this.path)} cannot be written to`;
  }

  /** By its id, as its folder and its state are: it may be moved below another construct. */
  private lockedStack(stack: TerraformStack): LockedStack | undefined {
    return this.content()?.stacks[stack.node.id];
  }

  private content(): Lock | undefined {
    if (this.path === undefined) return undefined;
    this.lock ??= { content: readLock(this.path) };
    return this.lock.content;
  }
}

interface PlannedRecord {
  readonly stack: TerraformStack;
  readonly record: StackRecord;
  readonly plan: StackPlan;
}

function isForDevelopment(): boolean {
  return process.env["CFKV_DEV"] === "1";
}

/** The app's own folder comes second: the app may be started from anywhere. */
function folders(): string[] {
  const [, script] = process.argv;
  return [process.cwd(), ...(script === undefined ? [] : [dirname(script)])];
}

function isEmpty({ namespaces = {}, databases = {}, workers = {}, retired = {}, deleted = {} }: LockedStack): boolean {
  return [namespaces, databases, workers, retired, deleted].every((names) => Object.keys(names).length === 0);
}
