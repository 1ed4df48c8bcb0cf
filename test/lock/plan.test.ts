import { type Defined, isReserved, type LockedStack, planStack } from "../../src/lock/index.js";

const NS = "cloudflare_workers_kv_namespace";

function namespace(id: string, name: string, more: Partial<Defined> = {}): Defined {
  const addresses = { Resource: `${NS}.${id}` };
  return { kind: "namespaces", name, id, isProtected: true, isRecorded: true, addresses, ...more };
}

function lockOf(...defined: readonly Defined[]): LockedStack {
  return planStack(undefined, defined).next;
}

const leaving = (names: { retired?: readonly string[]; deleted?: readonly string[] }) => ({
  retired: [],
  deleted: [],
  ...names,
});

describe("a plan of a stack and its lock", () => {
  it("moves what has the same name at another address, with all that belongs to it", () => {
    const before = namespace("A", "shop", {
      addresses: { Resource: `${NS}.A`, "Entry-1": "cloudflare_workers_kv.A1" },
    });
    const after = namespace("B", "shop", { addresses: { Resource: `${NS}.B`, "Entry-1": "cloudflare_workers_kv.B1" } });

    expect(planStack(lockOf(before), [after])).toMatchObject({
      moved: [
        { from: `${NS}.A`, to: `${NS}.B` },
        { from: "cloudflare_workers_kv.A1", to: "cloudflare_workers_kv.B1" },
      ],
      gone: [],
      problems: [],
    });
  });

  it("keeps leading from every former address to the next, as states may be at any of them", () => {
    const b = planStack(lockOf(namespace("A", "shop")), [namespace("B", "shop")]).next;
    const c = planStack(b, [namespace("C", "shop")]);

    expect(c.moved).toEqual([
      { from: `${NS}.A`, to: `${NS}.B` },
      { from: `${NS}.B`, to: `${NS}.C` },
    ]);
    expect(planStack(c.next, [namespace("C", "shop")]).moved).toEqual(c.moved);
  });

  it("leads back when a rename is taken back", () => {
    const b = planStack(lockOf(namespace("A", "shop")), [namespace("B", "shop")]).next;

    expect(planStack(b, [namespace("A", "shop")]).moved).toEqual([{ from: `${NS}.B`, to: `${NS}.A` }]);
  });

  it("finds a protected name gone, and one whose author gave up protection not", () => {
    const lock = lockOf(namespace("A", "kept"), namespace("B", "free", { isProtected: false }));

    expect(planStack(lock, []).gone.map(({ name }) => name)).toEqual(["kept"]);
  });

  it("takes a new name at the same address for gone too: the keys would turn up under it", () => {
    expect(planStack(lockOf(namespace("A", "sessions")), [namespace("A", "carts")]).gone).toMatchObject([
      { name: "sessions", call: "sessions", formerly: "A", successor: { name: "carts" } },
    ]);
  });

  it.each(["sessions", "A"])("continues under a new name and address what was known as '%s'", (renamedFrom) => {
    const plan = planStack(lockOf(namespace("A", "sessions")), [namespace("B", "carts", { renamedFrom })]);

    expect(plan).toMatchObject({ moved: [{ from: `${NS}.A`, to: `${NS}.B` }], gone: [], problems: [] });
    expect(Object.keys(plan.next.namespaces ?? {})).toEqual(["carts"]);
  });

  it("follows renamedFrom without a lock, by the address that the former id had", () => {
    const one = namespace("B", "carts", { renamedFrom: "A", addressesAt: (id) => ({ Resource: `${NS}.${id}` }) });

    const plan = planStack(undefined, [one]);
    expect(plan.moved).toEqual([{ from: `${NS}.A`, to: `${NS}.B` }]);
    // The apply may come after another synthesis.
    expect(planStack(plan.next, [one]).moved).toEqual(plan.moved);
  });

  it("forgets what is retired, former addresses included, and keeps forgetting it without the line", () => {
    const lock = planStack(lockOf(namespace("A", "shop")), [namespace("B", "shop")]).next;
    const plan = planStack(lock, [], leaving({ retired: ["B"] }));

    expect(plan).toMatchObject({ removed: [`${NS}.B`, `${NS}.A`], gone: [] });
    expect(planStack(plan.next, []).removed).toEqual(plan.removed);
  });

  it("lets what is deleted go once and drops it from the lock", () => {
    const plan = planStack(lockOf(namespace("A", "shop")), [], leaving({ deleted: ["A"] }));

    expect(plan).toMatchObject({ deleted: [{ kind: "namespaces", name: "shop" }], removed: [], gone: [] });
    expect(plan.next).toMatchObject({ namespaces: {}, deleted: { [`${NS}.A`]: "shop" } });
  });

  it("keeps every address of what was deleted from other names, until the name is there again", () => {
    const lock = planStack(lockOf(namespace("A", "shop")), [namespace("B", "shop")]).next;
    const { next } = planStack(lock, [], leaving({ deleted: ["B"] }));
    const isKept = (id: string, name: string): boolean =>
      isReserved(planStack(next, []).next, `${NS}.${id}`, "namespaces", name, leaving({}));

    expect([isKept("A", "carts"), isKept("B", "carts"), isKept("C", "carts"), isKept("B", "shop")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(planStack(next, [namespace("B", "shop")]).next.deleted).toEqual({ [`${NS}.A`]: "shop" });
  });

  it("refuses two names that continue one, with a lock and without", () => {
    const more: Partial<Defined> = { renamedFrom: "A", addressesAt: (id) => ({ Resource: `${NS}.${id}` }) };
    const both = [namespace("B", "carts", more), namespace("C", "baskets", more)];

    expect(planStack(undefined, both).problems).toEqual([
      `namespaces 'carts' and 'baskets' both continue what is at ${NS}.A; one of them is renamedFrom "A": only one of ` +
        `them can; remove renamedFrom from the other, or its address from "was" in cfkv.lock.json`,
    ]);
    expect(planStack(lockOf(namespace("A", "shop")), both).problems).toEqual([
      "namespaces 'carts' and 'baskets' are both renamedFrom 'shop': only one of them can be what it was; remove " +
        "renamedFrom from the other",
    ]);
  });

  it.each(["retired", "deleted"] as const)("refuses a line of %s for what is still defined", (list) => {
    const plan = planStack(lockOf(namespace("A", "shop")), [namespace("A", "shop")], leaving({ [list]: ["A"] }));

    expect(plan.problems).toEqual([expect.stringContaining(`${list} names "A", which is still defined`)]);
  });

  it("refuses names that exchange their addresses", () => {
    const lock = lockOf(namespace("A", "one"), namespace("B", "two"));
    const plan = planStack(lock, [namespace("A", "two"), namespace("B", "one")]);

    expect(plan.problems).toHaveLength(2);
    expect(plan.problems[0]).toContain("uses the address");
  });

  it("refuses to delete or retire a namespace whose address another one has", () => {
    const lock = lockOf(namespace("A", "old"));
    for (const names of [{ retired: ["old"] }, { deleted: ["old"] }]) {
      expect(planStack(lock, [namespace("A", "new")], leaving(names)).problems).toEqual([
        expect.stringContaining(
          "namespace 'old' cannot leave, because 'new' now has its Terraform address: give 'new' another binding or id; or, if it is the same one, renamedFrom: \"old\"",
        ),
      ]);
    }
  });

  it("refuses another name for what Cloudflare cannot rename", () => {
    const worker = (name: string, type: string, renamedFrom?: string): Defined => ({
      ...namespace("Worker", name),
      kind: "workers",
      addresses: { Resource: `${type}.Worker` },
      ...(renamedFrom !== undefined && { renamedFrom }),
    });
    const rename = (type: string) => planStack(lockOf(worker("old", type)), [worker("new", type, "old")]).problems;

    expect(rename("cloudflare_workers_script")).toEqual([expect.stringContaining("cannot be renamed to 'new'")]);
    expect(rename("cloudflare_worker")).toEqual([]);
  });

  it("changes the kind of a rollout only by adopting the Worker, and then forgets the script", () => {
    const worker = (type: string, isAdopted: boolean): Defined => ({
      ...namespace("Worker", "shop"),
      kind: "workers",
      addresses: { Resource: `${type}.Worker` },
      isAdopted,
    });
    const lock = lockOf(worker("cloudflare_workers_script", false));

    expect(planStack(lock, [worker("cloudflare_worker", false)]).problems).toEqual([
      expect.stringContaining("write adopt: true"),
    ]);
    expect(planStack(lock, [worker("cloudflare_worker", true)])).toMatchObject({
      problems: [],
      removed: ["cloudflare_workers_script.Worker"],
    });
  });

  it("does not record what comes and goes", () => {
    expect(planStack(undefined, [namespace("A", "mine", { isRecorded: false })]).next.namespaces).toEqual({});
  });
});

describe("two namespaces of one name, in two accounts of a stack", () => {
  const [a, b] = [namespace("A", "kv"), namespace("B", "kv")];

  it("have an entry each", () => {
    expect(lockOf(a, b).namespaces).toEqual({
      "kv @ A": { id: "A", addresses: a.addresses },
      "kv @ B": { id: "B", addresses: b.addresses },
    });
    expect(planStack(lockOf(a, b), [b, a])).toMatchObject({ moved: [], gone: [], next: lockOf(a, b) });
  });

  it("are refused one by one when they go, and named by the construct's id", () => {
    expect(planStack(lockOf(a, b), [a]).gone).toMatchObject([{ name: "kv @ B", call: "B" }]);
    const { deleted, gone, next } = planStack(lockOf(a, b), [a], leaving({ deleted: ["B"] }));
    expect([deleted, gone]).toEqual([[{ kind: "namespaces", name: "kv @ B" }], []]);
    expect(next.namespaces).toEqual(lockOf(a).namespaces);
  });

  it("keep their addresses when the second one comes, and when one of them gets another id", () => {
    expect(planStack(lockOf(a), [a, b])).toMatchObject({ moved: [], gone: [], next: lockOf(a, b) });
    const renamed = namespace("C", "kv", { renamedFrom: "A" });
    expect(planStack(lockOf(a, b), [renamed, b])).toMatchObject({
      moved: [{ from: `${NS}.A`, to: `${NS}.C` }],
      gone: [],
      problems: [],
    });
    expect(planStack(lockOf(a, b), [namespace("C", "kv"), b]).gone).toMatchObject([{ name: "kv @ A" }]);
  });

  it("may be Workers, whose names at Cloudflare stay", () => {
    const worker = (id: string, more: Partial<Defined> = {}): Defined => ({
      ...namespace(id, "api", more),
      kind: "workers",
      addresses: { Resource: `cloudflare_workers_script.${id}` },
    });
    const lock = lockOf(worker("A"), worker("B"));

    expect(planStack(lock, [worker("C", { renamedFrom: "A" }), worker("B")]).problems).toEqual([]);
    expect(planStack(lock, [{ ...worker("C", { renamedFrom: "A" }), name: "other" }, worker("B")]).problems).toEqual([
      expect.stringContaining("Worker 'api' cannot be renamed to 'other'"),
    ]);
  });

  it("stay apart from one that bears the very name that tells them apart", () => {
    expect(Object.keys(lockOf(a, b, namespace("D", "kv @ A")).namespaces ?? {})).toHaveLength(3);
  });
});
