import { type Emulator, startEmulator } from "../../../src/local/emulator/emulator.js";
import { tempDirs } from "../../support/temp-dir.js";
import { ACCOUNT, api, callWorker, createNamespace, KV, uploadWorker } from "./emulator-client.js";

jest.setTimeout(120_000);

const NOW = new Date("2026-11-27T12:34:56Z");
const files = tempDirs();
let emulator: Emulator;
let now = NOW;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => now });
});
beforeEach(() => {
  now = NOW;
});
afterAll(() => emulator.close());

const OPERATIONS = `query ($account: string!, $since: Date!) {
  viewer { accounts(filter: { accountTag: $account }) {
    kvOperationsAdaptiveGroups(filter: { date_geq: $since }, limit: 10000, orderBy: [actionType_ASC]) {
      dimensions { namespaceId actionType }
      sum { requests objectBytes }
    }
  } }
}`;

describe("POST /graphql", () => {
  it("gives the operations that were really done, each as Cloudflare bills it", async () => {
    const id = await createNamespace(emulator, "shop-session-prod");
    const entries = `${KV}/${id}`;
    await api(emulator, "PUT", `${entries}/values/a`, { body: "hello" });
    await api(emulator, "GET", `${entries}/values/a`);
    await api(emulator, "GET", `${entries}/values/missing`);
    await api(emulator, "PUT", `${entries}/values/refused?expiration_ttl=5`, { body: "x" });
    await api(emulator, "PUT", `${entries}/bulk`, { body: [1, 2, 3].map((n) => ({ key: `b${n}`, value: "xy" })) });
    await api(emulator, "POST", `${entries}/bulk/get`, { body: { keys: ["b1", "b2"] } });
    await api(emulator, "POST", `${entries}/bulk/delete`, { body: ["b1", "b2"] });
    await api(emulator, "DELETE", `${entries}/values/a`);
    await api(emulator, "GET", `${entries}/keys`);

    expect(await groupsOf(OPERATIONS, id)).toEqual([
      { dimensions: { namespaceId: id, actionType: "delete" }, sum: { requests: 3, objectBytes: 0 } },
      { dimensions: { namespaceId: id, actionType: "list" }, sum: { requests: 1, objectBytes: 0 } },
      { dimensions: { namespaceId: id, actionType: "read" }, sum: { requests: 4, objectBytes: 9 } },
      { dimensions: { namespaceId: id, actionType: "write" }, sum: { requests: 4, objectBytes: 11 } },
    ]);
  });

  it("counts what Workers do", async () => {
    const id = await createNamespace(emulator, "shop-cache-prod");
    const script = `export default { async fetch(request, env) {
      await env.CACHE.put("k", "value");
      return new Response(await env.CACHE.get("k"));
    } };`;
    await uploadWorker(emulator, "counted", script, {
      bindings: [{ type: "kv_namespace", name: "CACHE", namespace_id: id }],
    });
    expect((await callWorker(emulator, "counted.localhost")).body.toString()).toBe("value");
    expect((await groupsOf(OPERATIONS, id)).map(({ dimensions, sum }) => [dimensions.actionType, sum])).toEqual([
      ["read", { requests: 1, objectBytes: 5 }],
      ["write", { requests: 1, objectBytes: 5 }],
    ]);
  });

  it("groups by the dimensions that are asked for, day by day, whatever aliases and fragments are used", async () => {
    const id = await createNamespace(emulator, "days");
    await api(emulator, "PUT", `${KV}/${id}/values/a`, { body: "1" });
    now = new Date("2026-11-28T00:00:01Z");
    await api(emulator, "PUT", `${KV}/${id}/values/a`, { body: "2" });
    await api(emulator, "GET", `${KV}/${id}/values/a`);
    const query = `query ($account: String!, $ids: [string!]) {
      viewer { accounts(filter: { accountTag: $account }) {
        days: kvOperationsAdaptiveGroups(
          filter: { AND: [{ date_geq: "2026-11-22" }, { date_leq: "2026-11-28" }], namespaceId_in: $ids }, limit: 10, orderBy: [date_DESC]
        ) { ...Day quantiles { latencyMsP50 latencyMsP999 } }
        all: kvOperationsAdaptiveGroups(filter: { date_geq: "2026-11-27", namespaceId_in: $ids }, limit: 10) { count }
      } }
    }
    fragment Day on AccountKvOperationsAdaptiveGroups { dimensions { date } sum { requests } }`;
    const { data, errors } = await ask(query, { account: ACCOUNT, ids: [id] });
    expect(errors).toBeNull();
    const account = data?.viewer.accounts[0] as { days: { quantiles: Record<string, number> }[]; all: unknown };
    expect(account.days).toMatchObject([
      { dimensions: { date: "2026-11-28" }, sum: { requests: 2 } },
      { dimensions: { date: "2026-11-27" }, sum: { requests: 1 } },
    ]);
    expect(Object.values(account.days[0]?.quantiles ?? {}).every((ms) => ms >= 0)).toBe(true);
    expect(account.all).toEqual([{ count: 3 }]);
  });

  it("gives the keys and bytes that a namespace holds, and a new snapshot each day", async () => {
    const id = await createNamespace(emulator, "held");
    const query = `query ($account: string!, $id: string!) { viewer { accounts(filter: { accountTag: $account }) {
      kvStorageAdaptiveGroups(filter: { namespaceId: $id, date_geq: "2026-11-26" }, limit: 10, orderBy: [date_ASC]) {
        dimensions { date } max { keyCount byteCount }
      }
    } } }`;
    const held = async () => {
      const { data } = await ask(query, { account: ACCOUNT, id });
      return data?.viewer.accounts[0]?.["kvStorageAdaptiveGroups"];
    };
    expect(await held()).toEqual([{ dimensions: { date: "2026-11-27" }, max: { keyCount: 0, byteCount: 0 } }]);
    await api(emulator, "PUT", `${KV}/${id}/bulk`, {
      body: [
        { key: "é", value: "12345" },
        { key: "b", value: "AAEC", base64: true, metadata: { a: 1 } },
      ],
    });
    now = new Date("2026-11-28T09:00:00Z");
    expect(await held()).toEqual([
      { dimensions: { date: "2026-11-27" }, max: { keyCount: 0, byteCount: 0 } },
      { dimensions: { date: "2026-11-28" }, max: { keyCount: 2, byteCount: 2 + 1 + 5 + 3 + 7 } },
    ]);
  });

  it("gives an empty list for an account that does not exist, and nothing of other accounts", async () => {
    expect((await ask(OPERATIONS, { account: "no-account", since: "2026-11-27" })).data?.viewer.accounts).toEqual([]);
    const { data } = await ask(OPERATIONS, { account: "f".repeat(32), since: "2026-11-27" });
    expect(data?.viewer.accounts).toEqual([{ kvOperationsAdaptiveGroups: [] }]);
  });

  const node = (args: string, fields = "count", set = "kvOperationsAdaptiveGroups") =>
    `{ viewer { accounts(filter: { accountTag: "${ACCOUNT}" }) { ${set}(${args}) { ${fields} } } } }`;
  it.each([
    ["a field it does not have", node('filter: { date_geq: "2026-11-27" }, limit: 1', "hits"), 'unknown field "hits"'],
    ["a dataset it does not have", node("limit: 1", "count", "kvHits"), 'unknown field "kvHits"'],
    ["a filter it does not have", node('filter: { colo: "AMS" }, limit: 1'), 'unknown arg "colo"'],
    ["no limit", node('filter: { date_geq: "2026-11-27" }'), /limit/],
    [
      "more rows than it gives",
      node('filter: { date_geq: "2026-11-27" }, limit: 10001'),
      "limit must be positive number and not greater than 10000",
    ],
    [
      "more days than the Free plan gives at once",
      node('filter: { date_geq: "2026-11-20", date_leq: "2026-11-27" }, limit: 1'),
      "query time range is too large. Time range can't be wider than 604800s, but it's 650096s",
    ],
    [
      "days that are not kept any more",
      node('filter: { date_geq: "2026-10-26", date_leq: "2026-10-27" }, limit: 1'),
      "cannot request data older than 2678400s, requested since date is: 2026-10-26T00:00:00Z",
    ],
    ["no time at all", node("limit: 1"), "filter must have a lower bound of date or datetime"],
    ["a date that is none", node('filter: { date_geq: "yesterday" }, limit: 1'), /cannot parse "yesterday" as a date/],
    ["nonsense", "{", /Syntax Error/],
    ["nothing", "", "query not set"],
  ])("refuses %s with status 200 and a list of errors", async (_, query, message) => {
    const { status, json } = await api(emulator, "POST", "/graphql", { body: { query } });
    const { data, errors } = json as unknown as Answer;
    expect([status, data]).toEqual([200, null]);
    expect(errors?.[0]?.message).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
    expect(errors?.[0]?.extensions).toEqual({ timestamp: NOW.toISOString() });
  });

  it("demands a token, and obeys faults", async () => {
    expect(
      (await api(emulator, "POST", "/graphql", { body: { query: OPERATIONS }, headers: { authorization: "" } })).status,
    ).toBe(400);
    emulator.setFaults("status=500,path=graphql");
    expect((await api(emulator, "POST", "/graphql", { body: { query: OPERATIONS } })).status).toBe(500);
    emulator.setFaults([]);
  });

  it("keeps what it counted where data is kept, and forgets it on a reset", async () => {
    const options = { dataFolder: files.path("data"), now: () => now };
    const first = await startEmulator(options);
    const id = await createNamespace(first, "kept");
    await api(first, "PUT", `${KV}/${id}/values/a`, { body: "1" });
    await first.close();
    const second = await startEmulator(options);
    try {
      expect(await groupsOf(OPERATIONS, id, second)).toMatchObject([{ sum: { requests: 1 } }]);
      await second.reset();
      expect(await groupsOf(OPERATIONS, id, second)).toEqual([]);
    } finally {
      await second.close();
    }
  });
});

interface Group {
  readonly dimensions: { readonly namespaceId: string; readonly actionType: string };
  readonly sum: object;
}

interface Answer {
  readonly data: { viewer: { accounts: Record<string, unknown>[] } } | null;
  readonly errors: { message: string; extensions: object }[] | null;
}

async function ask(query: string, variables: object, of: Emulator = emulator): Promise<Answer> {
  return (await api(of, "POST", "/graphql", { body: { query, variables } })).json as unknown as Answer;
}

async function groupsOf(query: string, namespaceId: string, of?: Emulator): Promise<Group[]> {
  const { data, errors } = await ask(query, { account: ACCOUNT, since: "2026-11-27" }, of);
  expect(errors).toBeNull();
  const groups = data?.viewer.accounts[0]?.["kvOperationsAdaptiveGroups"] as Group[];
  return groups.filter(({ dimensions }) => dimensions.namespaceId === namespaceId);
}
