import { type LockedKind, LOCKED_KINDS, type LockedName, type LockedStack, NOUN, shortId } from "./model.js";
import { isCalled, nameAtCloudflare, withOwnNames } from "./names.js";
import { claimProblems, leavingProblems, moveProblems, type OwnMove } from "./plan-problems.js";
import type { Defined, Gone, Leaving, StackPlan } from "./stack-plan.js";

/** Compares what a stack defines with what its lock remembers. Changes nothing. */
export function planStack(
  locked: LockedStack | undefined,
  defined: readonly Defined[],
  leaving: Leaving = { retired: [], deleted: [] },
): StackPlan {
  return new StackPlanner(locked ?? {}, withOwnNames(defined), leaving).plan();
}

class StackPlanner {
  private readonly moved: OwnMove[] = [];
  private readonly gone: Gone[] = [];
  private readonly problems: string[] = [];
  private readonly deleted: { readonly kind: LockedKind; readonly name: string }[] = [];
  private readonly retired = new Map<string, string>();
  private readonly tombstones = new Map<string, string>();
  private readonly next: Record<LockedKind, Record<string, LockedName>> = {
    namespaces: {},
    databases: {},
    workers: {},
  };
  private readonly inUse: ReadonlyMap<string, Defined>;

  constructor(
    private readonly locked: LockedStack,
    private readonly defined: readonly Defined[],
    private readonly leaving: Leaving,
  ) {
    this.inUse = new Map(defined.flatMap((one) => Object.values(one.addresses).map((address) => [address, one])));
  }

  plan(): StackPlan {
    for (const [address, name] of Object.entries(this.locked.retired ?? {})) {
      if (!this.inUse.has(address)) this.retired.set(address, name);
    }
    for (const [address, name] of Object.entries(this.locked.deleted ?? {})) this.tombstones.set(address, name);
    for (const kind of LOCKED_KINDS) this.planKind(kind);
    // Defined again, or continued under another name after all.
    for (const address of [...this.inUse.keys(), ...this.moved.map(({ from }) => from)])
      this.tombstones.delete(address);
    this.problems.push(...leavingProblems(this.defined, this.leaving), ...moveProblems(this.moved, this.inUse));
    // Another problem would be reported once more, as the moves that follow from it.
    if (this.problems.length === 0) this.problems.push(...claimProblems(this.moved));
    return {
      moved: this.moved.map(({ from, to }) => ({ from, to })),
      removed: [...this.retired.keys()],
      deleted: this.deleted,
      gone: this.gone,
      problems: this.problems,
      next: {
        ...(this.locked.app !== undefined && { app: this.locked.app }),
        ...this.next,
        retired: Object.fromEntries(this.retired),
        deleted: Object.fromEntries(this.tombstones),
      },
    };
  }

  private planKind(kind: LockedKind): void {
    const known = new Map(Object.entries(this.locked[kind] ?? {}));
    const defined = this.defined.filter((one) => one.kind === kind);
    const continued = new Map<string, Defined>();
    for (const one of defined) {
      const prior = sameName(one, known) ?? this.priorName(one, known, continued);
      if (prior !== undefined) continued.set(prior, one);
      this.continueFrom(one, prior, prior === undefined ? undefined : known.get(prior));
    }
    const isNew = defined.filter((one) => sameName(one, known) === undefined && one.renamedFrom === undefined);
    for (const [name, entry] of known) {
      if (!continued.has(name)) this.leave(kind, name, entry, isNew);
    }
  }

  /** The definition's previous name, according to its author. */
  private priorName(
    one: Defined,
    known: ReadonlyMap<string, LockedName>,
    continued: ReadonlyMap<string, Defined>,
  ): string | undefined {
    const { kind, renamedFrom } = one;
    if (renamedFrom === undefined) return undefined;
    const found = [...known].filter(([name, { id }]) => isCalled(renamedFrom, name, id)).map(([name]) => name);
    const prior = found.find((name) => name === renamedFrom) ?? found[0];
    if (prior === undefined) return undefined;
    const rival = continued.get(prior);
    if (rival !== undefined && rival.name !== prior) {
      this.problems.push(
        `${NOUN[kind]}s '${rival.name}' and '${one.name}' are both renamedFrom '${prior}': only one of them can be ` +
          `what it was; remove renamedFrom from the other`,
      );
      return undefined;
    }
    if (rival !== undefined || this.defined.some((other) => other.kind === kind && other.name === prior)) {
      this.problems.push(
        `${NOUN[kind]} '${one.name}' is renamedFrom "${renamedFrom}", but '${prior}' is still defined: remove one of them`,
      );
      return undefined;
    }
    return prior;
  }

  private continueFrom(one: Defined, priorName: string | undefined, prior: LockedName | undefined): void {
    const was: Record<string, readonly string[]> = {};
    if (prior === undefined) {
      // Recorded, as the lock knows the new name from now on, and would not derive the former address once more.
      for (const [part, from] of Object.entries(this.derivedAddresses(one))) {
        const to = one.addresses[part];
        if (to === undefined) continue;
        was[part] = [from];
        this.move(one, [from, to]);
      }
    } else {
      this.checkRename(one, nameAtCloudflare(priorName ?? one.name, prior.id));
      const before = prior.addresses["Resource"];
      const after = one.addresses["Resource"];
      const isOtherKind = before !== undefined && after !== undefined && typeOf(before) !== typeOf(after);
      if (isOtherKind) this.replaceKind(one, prior);
      if (one.kind === "workers") this.passOn(one, prior, before, after);
      for (const [part, address] of Object.entries(one.addresses)) {
        const former = history(prior, part, address);
        if (former.length > 0) was[part] = former;
        this.move(one, [...former, address]);
      }
    }
    if (!one.isRecorded) return;
    this.next[one.kind][one.name] = {
      id: one.id,
      addresses: one.addresses,
      ...(Object.keys(was).length > 0 && { was }),
      ...(!one.isProtected && { protected: false as const }),
    };
  }

  /** Without a lock that knows the former address, it is derived from the former id, which replaces the last part. */
  private derivedAddresses(one: Defined): Readonly<Record<string, string>> {
    const { renamedFrom, addressesAt } = one;
    if (renamedFrom === undefined || addressesAt === undefined) return {};
    const id = [...one.id.split("/").slice(0, -1), one.id.includes("/D1-") ? `D1-${renamedFrom}` : renamedFrom].join(
      "/",
    );
    if (id === one.id) return {};
    return Object.fromEntries(Object.entries(addressesAt(id)).filter(([, from]) => !this.inUse.has(from)));
  }

  /** Each address moves to the next one: Terraform allows one move to each, and states may be at any of them. */
  private move(of: Defined, path: readonly string[]): void {
    for (const [index, from] of path.slice(0, -1).entries()) {
      const to = path[index + 1];
      if (to !== undefined) this.moved.push({ from, to, of });
    }
  }

  /** What Cloudflare cannot rename would be deleted and created. */
  private checkRename(one: Defined, prior: string): void {
    if (prior === nameAtCloudflare(one.name, one.id)) return;
    const type = typeOf(one.addresses["Resource"] ?? "");
    if (one.kind === "namespaces" || type === "cloudflare_worker") return;
    this.problems.push(
      `${NOUN[one.kind]} '${prior}' cannot be renamed to '${one.name}': Cloudflare renames namespaces, and Workers with a ` +
        `gradual rollout; keep its name, or list the former one in retired or deleted`,
    );
  }

  /** A script and a worker with versions are two types in Terraform, which would delete one and create the other. */
  private replaceKind(one: Defined, prior: LockedName): void {
    if (one.isAdopted !== true) {
      this.problems.push(
        `Worker '${one.name}' would be deleted and created, because another kind of rollout is another resource to Terraform: ` +
          `write adopt: true to the Worker, which keeps it in service and lets Terraform adopt it`,
      );
    }
    for (const address of [...Object.values(prior.addresses), ...Object.values(prior.was ?? {}).flat()]) {
      if (!this.inUse.has(address)) this.retired.set(address, one.name);
    }
  }

  /** A script that goes to another tool stays in service; one that comes back must be adopted, not overwritten. */
  private passOn(one: Defined, prior: LockedName, before: string | undefined, after: string | undefined): void {
    if (before === undefined && after !== undefined && one.isAdopted !== true) {
      this.problems.push(
        `Worker '${one.name}' was deployed by wrangler, and its secrets would be lost: write adopt: true to the Worker, ` +
          `and Terraform adopts it`,
      );
    }
    if (before === undefined || after !== undefined) return;
    const scripts = Object.entries(prior.addresses).filter(([part]) => /^(Resource|Deployment|Version-.*)$/.test(part));
    for (const [part, address] of scripts) {
      for (const former of [address, ...(prior.was?.[part] ?? [])]) {
        if (!this.inUse.has(former)) this.retired.set(former, one.name);
      }
    }
  }

  private leave(kind: LockedKind, name: string, entry: LockedName, isNew: readonly Defined[]): void {
    const call = this.callOf(kind, name, entry);
    const isNamed = (list: readonly string[]): boolean =>
      list.includes(name) || list.includes(call) || list.includes(entry.id);
    if (isNamed(this.leaving.retired)) {
      this.retire(kind, name, entry);
    } else if (isNamed(this.leaving.deleted)) {
      const other = Object.values(entry.addresses).map((address) => this.inUse.get(address))[0];
      if (other !== undefined) this.problems.push(takenBy(kind, name, other));
      else this.delete(kind, name, entry);
    } else if (entry.protected !== false) {
      const sameId = isNew.find(({ id }) => id === entry.id);
      const successor = sameId ?? (isNew.length === 1 ? isNew[0] : undefined);
      this.gone.push({ kind, name, entry, call, formerly: sameId === undefined ? call : shortId(entry.id), successor });
      this.next[kind][name] = entry;
    }
  }

  /** A state that misses this deletion still has it at its address, which a new name must not continue. */
  private delete(kind: LockedKind, name: string, { addresses, was = {} }: LockedName): void {
    this.deleted.push({ kind, name });
    for (const [part, address] of Object.entries(addresses)) {
      // The routes and domains of a Worker pass on to the one in its place.
      if (part !== "Resource" && kind === "workers") continue;
      for (const one of [...(was[part] ?? []), address]) this.tombstones.set(one, name);
    }
  }

  private retire(kind: LockedKind, name: string, { addresses, was = {} }: LockedName): void {
    for (const [part, address] of Object.entries(addresses)) {
      for (const one of [address, ...(was[part] ?? [])]) {
        const other = this.inUse.get(one);
        if (other === undefined) this.retired.set(one, name);
        // The routes and domains of a Worker pass on to the one in its place; a key must stay where it is.
        else if (part === "Resource" || kind !== "workers") this.problems.push(takenBy(kind, name, other));
      }
    }
  }

  /** The short form, unless something else has that name now. */
  private callOf(kind: LockedKind, name: string, { id }: LockedName): string {
    const short = shortId(id);
    const isTaken = this.defined.some((one) => one.kind === kind && isCalled(short, one.name, one.id));
    return isTaken ? name : short;
  }
}

/** Its entry in the lock: under its own name, or as it was called when another one of its name came or had not gone. */
function sameName(one: Defined, known: ReadonlyMap<string, LockedName>): string | undefined {
  if (known.has(one.name)) return one.name;
  const name = nameAtCloudflare(one.name, one.id);
  return [...known].find(([other, { id }]) => id === one.id && nameAtCloudflare(other, id) === name)?.[0];
}

function takenBy(kind: LockedKind, name: string, other: Defined): string {
  return (
    `${NOUN[kind]} '${name}' cannot leave, because '${other.name}' now has its Terraform address: ` +
    `give '${other.name}' another binding or id; or, if it is the same one, renamedFrom: "${name}"`
  );
}

/** The former addresses of a resource, oldest first, without the one it has now. */
function history(prior: LockedName, part: string, address: string): readonly string[] {
  const before = prior.addresses[part];
  const all = [...(prior.was?.[part] ?? []), ...(before === undefined ? [] : [before])];
  return [...new Set(all)].filter((former) => former !== address && typeOf(former) === typeOf(address));
}

function typeOf(address: string): string {
  return address.split(".")[0] ?? address;
}
