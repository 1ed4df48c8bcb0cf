import { repeated } from "../values/text.js";
import { type LockedKind, LOCKED_KINDS, type LockedName, type LockedStack, NOUN, shortId } from "./model.js";

/** A namespace, database or Worker as a stack defines it now. */
export interface Defined {
  readonly kind: LockedKind;
  readonly name: string;
  /** The path of its construct in the stack. */
  readonly id: string;
  /** Whether its name may only go when it is named for leaving. */
  readonly isProtected: boolean;
  /** Whether the lock remembers it at all. */
  readonly isRecorded: boolean;
  /** The Terraform address of each of its resources, by the path in the construct. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The name or id that it had before. */
  readonly renamedFrom?: string;
  /** Whether it takes over what is at Cloudflare already. */
  readonly isAdopted?: boolean;
  /** The addresses that its resources would have under another id. */
  readonly addressesAt?: (id: string) => Readonly<Record<string, string>>;
}

/** What the author has named for leaving, by name or id. */
export interface Leaving {
  readonly retired: readonly string[];
  readonly deleted: readonly string[];
}

/** A name that is gone although nobody has named it for leaving. */
export interface Gone {
  readonly kind: LockedKind;
  readonly name: string;
  readonly entry: LockedName;
  /** How `retired` and `deleted` can call it without being mistaken. */
  readonly call: string;
  /** The same for `renamedFrom`, which may name the binding that it is written in. */
  readonly formerly: string;
  /** The only one that can continue it. */
  readonly successor: Defined | undefined;
}

export interface Moved {
  readonly from: string;
  readonly to: string;
}

/** What a lock makes of a stack. */
export interface StackPlan {
  readonly moved: readonly Moved[];
  /** Addresses that Terraform forgets. */
  readonly removed: readonly string[];
  /** What goes through once: names that the next apply deletes. */
  readonly deleted: readonly { readonly kind: LockedKind; readonly name: string }[];
  readonly gone: readonly Gone[];
  readonly problems: readonly string[];
  /** What the lock should hold afterwards. */
  readonly next: LockedStack;
}

/** Compares what a stack defines with what its lock remembers. Changes nothing. */
export function planStack(
  locked: LockedStack | undefined,
  defined: readonly Defined[],
  leaving: Leaving = { retired: [], deleted: [] },
): StackPlan {
  return new StackPlanner(locked ?? {}, defined, leaving).plan();
}

class StackPlanner {
  private readonly moved: Moved[] = [];
  private readonly gone: Gone[] = [];
  private readonly problems: string[] = [];
  private readonly deleted: { readonly kind: LockedKind; readonly name: string }[] = [];
  private readonly retired = new Map<string, string>();
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
    for (const kind of LOCKED_KINDS) this.planKind(kind);
    this.checkLeaving();
    this.checkMoves();
    return {
      moved: this.moved,
      removed: [...this.retired.keys()],
      deleted: this.deleted,
      gone: this.gone,
      problems: this.problems,
      next: {
        ...(this.locked.app !== undefined && { app: this.locked.app }),
        ...this.next,
        retired: Object.fromEntries(this.retired),
      },
    };
  }

  private planKind(kind: LockedKind): void {
    const known = new Map(Object.entries(this.locked[kind] ?? {}));
    const defined = this.defined.filter((one) => one.kind === kind);
    const continued = new Set<string>();
    for (const one of defined) {
      const prior = known.has(one.name) ? one.name : this.priorName(one, known, continued);
      if (prior !== undefined) continued.add(prior);
      this.continueFrom(one, prior, prior === undefined ? undefined : known.get(prior));
    }
    const isNew = defined.filter(({ name, renamedFrom }) => !known.has(name) && renamedFrom === undefined);
    for (const [name, entry] of known) {
      if (!continued.has(name)) this.leave(kind, name, entry, isNew);
    }
  }

  /** The name that a definition had before, as its author says. */
  private priorName(
    one: Defined,
    known: ReadonlyMap<string, LockedName>,
    continued: ReadonlySet<string>,
  ): string | undefined {
    const { kind, renamedFrom } = one;
    if (renamedFrom === undefined) return undefined;
    const found = [...known].filter(([name, { id }]) => isCalled(renamedFrom, name, id)).map(([name]) => name);
    const prior = found.find((name) => name === renamedFrom) ?? found[0];
    if (prior === undefined) return undefined;
    if (continued.has(prior) || this.defined.some((other) => other.kind === kind && other.name === prior)) {
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
      this.moveUnknown(one);
    } else {
      this.checkRename(one, priorName ?? one.name);
      const before = prior.addresses["Resource"];
      const after = one.addresses["Resource"];
      const isOtherKind = before !== undefined && after !== undefined && typeOf(before) !== typeOf(after);
      if (isOtherKind) this.replaceKind(one, prior);
      for (const [part, address] of Object.entries(one.addresses)) {
        const former = history(prior, part, address);
        if (former.length > 0) was[part] = former;
        this.move([...former, address]);
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

  /** Without a lock that knows the former address, it follows from the former id: it takes the place of the last part. */
  private moveUnknown(one: Defined): void {
    const { renamedFrom, addressesAt } = one;
    if (renamedFrom === undefined || addressesAt === undefined) return;
    const id = [...one.id.split("/").slice(0, -1), one.id.includes("/D1-") ? `D1-${renamedFrom}` : renamedFrom].join(
      "/",
    );
    if (id === one.id) return;
    for (const [part, from] of Object.entries(addressesAt(id))) {
      const to = one.addresses[part];
      if (to !== undefined && !this.inUse.has(from) && from !== to) this.moved.push({ from, to });
    }
  }

  /** Each address leads to the next one: Terraform allows one move to each, and states may be at any of them. */
  private move(path: readonly string[]): void {
    for (const [index, from] of path.slice(0, -1).entries()) {
      const to = path[index + 1];
      if (to !== undefined) this.moved.push({ from, to });
    }
  }

  /** What Cloudflare cannot rename would be deleted and created. */
  private checkRename(one: Defined, prior: string): void {
    if (prior === one.name) return;
    const type = typeOf(one.addresses["Resource"] ?? "");
    if (one.kind === "namespaces" || type === "cloudflare_worker") return;
    this.problems.push(
      `${NOUN[one.kind]} '${prior}' cannot be renamed to '${one.name}': Cloudflare renames namespaces, and Workers with a ` +
        `gradual rollout; keep its name, or name the former one in retired or deleted`,
    );
  }

  /** A script and a worker with versions are two types in Terraform, which would delete one and create the other. */
  private replaceKind(one: Defined, prior: LockedName): void {
    if (one.isAdopted !== true) {
      this.problems.push(
        `Worker '${one.name}' would be deleted and created, as another kind of rollout is another resource to Terraform: ` +
          `write adopt: true to the Worker, which keeps it in service and lets Terraform take it over`,
      );
    }
    for (const address of [...Object.values(prior.addresses), ...Object.values(prior.was ?? {}).flat()]) {
      if (!this.inUse.has(address)) this.retired.set(address, one.name);
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
      else this.deleted.push({ kind, name });
    } else if (entry.protected !== false) {
      const sameId = isNew.find(({ id }) => id === entry.id);
      const successor = sameId ?? (isNew.length === 1 ? isNew[0] : undefined);
      this.gone.push({ kind, name, entry, call, formerly: sameId === undefined ? call : shortId(entry.id), successor });
      this.next[kind][name] = entry;
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

  /** The short form, unless something else goes by it now. */
  private callOf(kind: LockedKind, name: string, { id }: LockedName): string {
    const short = shortId(id);
    const isTaken = this.defined.some((one) => one.kind === kind && isCalled(short, one.name, one.id));
    return isTaken ? name : short;
  }

  /** What is named for leaving and still defined would go with the next change that drops it, long after it was meant. */
  private checkLeaving(): void {
    for (const list of ["retired", "deleted"] as const) {
      for (const text of this.leaving[list]) {
        const other = this.defined.find(({ name, id }) => isCalled(text, name, id));
        if (other === undefined) continue;
        this.problems.push(
          `${list} names "${text}", which is still defined as ${NOUN[other.kind]} '${other.name}': ` +
            `remove the definition or the line, or write the name of the one that is to go`,
        );
      }
    }
    for (const text of repeated([...new Set(this.leaving.retired), ...new Set(this.leaving.deleted)])) {
      this.problems.push(`"${text}" is both retired and deleted: keep one of the two`);
    }
  }

  /** Terraform refuses a move from an address that is still defined, and nobody could tell the two apart. */
  private checkMoves(): void {
    for (const { from, to } of this.moved) {
      const other = this.inUse.get(from);
      const mover = this.inUse.get(to) ?? other;
      if (other === undefined || mover === undefined) continue;
      this.problems.push(
        `${NOUN[other.kind]} '${other.name}' takes the address ${from}, which belongs to '${mover.name}' in states that have ` +
          `not moved yet: give it another binding or id, or apply the rename first and remove that address from "was" in cfkv.lock.json`,
      );
    }
  }
}

function takenBy(kind: LockedKind, name: string, other: Defined): string {
  return (
    `${NOUN[kind]} '${name}' cannot leave, as '${other.name}' now stands at its Terraform address: ` +
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

function isCalled(text: string, name: string, id: string): boolean {
  return text === name || text === id || text === shortId(id);
}

/**
 * Whether an address is spoken for in a lock by another name than this one: a state may still hold the other one there,
 * so a new definition needs an address of its own.
 */
export function isReserved(
  locked: LockedStack,
  address: string,
  kind: LockedKind,
  name: string,
  leaving: Leaving,
): boolean {
  const retiredAs = locked.retired?.[address];
  if (retiredAs !== undefined && retiredAs !== name) return true;
  const goes = [...leaving.retired, ...leaving.deleted];
  return Object.entries(locked[kind] ?? {}).some(([other, { id, addresses, was = {} }]) => {
    if (other === name) return false;
    if (Object.values(was).flat().includes(address)) return true;
    return Object.values(addresses).includes(address) && goes.some((text) => text === other || text === id);
  });
}
