/** A stack's JSON, as far as it says what becomes of objects. */
export interface LivingStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
  readonly removed?: readonly { readonly from: string; readonly lifecycle: { readonly destroy: boolean } }[];
  readonly "//"?: { readonly cfkv?: { readonly protected?: boolean } };
}

/** What people lose when it goes, with the attribute that Cloudflare knows it by. */
const NAMES: Readonly<Record<string, string>> = {
  cloudflare_workers_kv_namespace: "title",
  cloudflare_d1_database: "name",
  cloudflare_workers_script: "script_name",
  cloudflare_worker: "name",
};
/** Another name of these is another object: Terraform deletes the one and creates the other. */
const REPLACED = ["cloudflare_d1_database", "cloudflare_workers_script"];

/** An object at Cloudflare, as the stack defined it last. */
export interface Thing {
  readonly name: string;
  /** What its author calls it: a binding, or the id of a construct. */
  readonly call: string;
  readonly isProtected: boolean;
}

/**
 * A state that plans are made for: what Terraform does with `moved` and `removed` blocks, and with what left the
 * configuration. A move to an address that the state has already is not made, as in Terraform.
 *
 * @see https://developer.hashicorp.com/terraform/language/block/moved
 */
export class TerraformState {
  private things = new Map<string, Thing>();

  /** What it holds now. */
  get all(): readonly Thing[] {
    return [...this.things.values()];
  }

  /**
   * Applies a stack.
   *
   * @returns what is deleted, and what keeps its object but has another name afterwards
   * @throws Error where Terraform would refuse the configuration or the plan
   */
  apply(stack: LivingStack): {
    readonly lost: readonly Thing[];
    readonly renamed: readonly (readonly [from: Thing, to: Thing])[];
  } {
    const defined = definedIn(stack);
    const state = this.afterMoves(stack, new Set<string>(allAddresses(stack)));
    for (const { from, lifecycle } of stack.removed ?? []) if (!lifecycle.destroy) state.delete(from);
    const lost = [...state].filter(([address]) => !defined.has(address)).map(([, thing]) => thing);
    const renamed: [Thing, Thing][] = [];
    for (const [address, thing] of state) {
      const now = defined.get(address);
      if (now === undefined || now.name === thing.name) continue;
      if (!REPLACED.some((type) => address.startsWith(`${type}.`))) renamed.push([thing, now]);
      else if (now.preventsDestroy) throw new Error(`${address}: Instance cannot be destroyed`);
      else lost.push(thing);
    }
    this.things = new Map(defined);
    return { lost, renamed };
  }

  private afterMoves({ moved = [], removed = [] }: LivingStack, inUse: ReadonlySet<string>): Map<string, Thing> {
    const sources = moved.map(({ from }) => from);
    if (new Set(sources).size < sources.length) throw new Error("Ambiguous move statements");
    for (const from of [...sources, ...removed.map(({ from }) => from)]) {
      if (inUse.has(from)) throw new Error(`${from}: moved or removed object still exists`);
    }
    const state = new Map(this.things);
    for (const { from, to } of inOrder(moved)) {
      const thing = state.get(from);
      if (thing === undefined || state.has(to)) continue;
      state.set(to, thing);
      state.delete(from);
    }
    return state;
  }
}

/** Whatever leads to an address moves before what leads away from it. */
function inOrder(moved: readonly { from: string; to: string }[]): { from: string; to: string }[] {
  const done: { from: string; to: string }[] = [];
  const left = new Set(moved);
  while (left.size > 0) {
    const ready = [...left].filter(({ from }) => [...left].every(({ to }) => to !== from));
    if (ready.length === 0) throw new Error("Cyclic dependency in move statements");
    for (const one of ready) left.delete(one);
    done.push(...ready);
  }
  return done;
}

function allAddresses({ resource = {} }: LivingStack): string[] {
  return Object.entries(resource).flatMap(([type, all]) => Object.keys(all).map((id) => `${type}.${id}`));
}

function definedIn({ resource = {}, "//": meta }: LivingStack) {
  return new Map<string, Thing & { readonly preventsDestroy: boolean }>(
    Object.entries(NAMES).flatMap(([type, attribute]) =>
      Object.entries(resource[type] ?? {}).map(([id, one]) => {
        const { prevent_destroy: preventsDestroy = false } = (one["lifecycle"] ?? {}) as { prevent_destroy?: boolean };
        // A Worker has no keys, but traffic: it is protected where its stack is.
        const isProtected =
          preventsDestroy || (type.startsWith("cloudflare_worker") && meta?.cfkv?.protected !== false);
        const thing = { name: String(one[attribute]), call: callOf(one), isProtected, preventsDestroy };
        return [`${type}.${id}`, thing] as const;
      }),
    ),
  );
}

/** The construct's own id, which its path ends with. */
function callOf(resource: Readonly<Record<string, unknown>>): string {
  const { metadata } = (resource["//"] ?? {}) as { metadata?: { path?: string } };
  const id =
    metadata?.path
      ?.split("/")
      .filter((part) => part !== "Resource")
      .at(-1) ?? "";
  return id.replace(/^D1-/, "");
}
