import { RequestBudget } from "../../src/cloudflare/budget.js";
import { CloudflareClient } from "../../src/cloudflare/client.js";
import { CloudflareError } from "../../src/cloudflare/errors.js";
import type { HttpOptions } from "../../src/cloudflare/http.js";
import { askedToWait } from "../../src/cloudflare/waiting.js";
import { type Fault, type KvApiServer, startKvApiServer } from "../support/kv-api-server.js";

const accountId = "0123456789abcdef0123456789abcdef";
const quick: HttpOptions = { retry: { limit: 3, firstSeconds: 0.01, longestSeconds: 0.02 } };

let server: KvApiServer;
beforeEach(async () => {
  server = await startKvApiServer();
});
afterEach(() => server.close());

function client(options: HttpOptions = {}, token = "test-token"): CloudflareClient {
  return new CloudflareClient({ token, accountId, baseUrl: server.baseUrl }, { ...quick, ...options });
}

/** Fails the first requests, then none. */
function failing(...faults: Fault[]): void {
  server.fault = () => faults.shift();
}

async function errorOf(work: Promise<unknown>): Promise<CloudflareError> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  if (error instanceof CloudflareError) return error;
  throw new Error("expected a CloudflareError", { cause: error });
}

const answer = (status: number, headers = {}): Fault => ({ kind: "answer", status, headers });

/**
 * The milliseconds that some work waits, on a clock that stands still but for one millisecond a turn of the event loop:
 * no machine is too slow for it, and requests themselves take a few dozen turns.
 */
async function waited(work: () => Promise<unknown>): Promise<number> {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "clearImmediate", "queueMicrotask", "performance"] });
  try {
    const started = Date.now();
    const state = { isOver: false };
    const done = work().finally(() => (state.isOver = true));
    while (!state.isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      await jest.advanceTimersByTimeAsync(1);
    }
    await done;
    return Date.now() - started;
  } finally {
    jest.useRealTimers();
  }
}

describe("namespaces", () => {
  it("are listed to the last page", async () => {
    for (let at = 0; at < 45; at++) server.addNamespace(`n${String(at).padStart(2, "0")}`);

    const found = await client().listNamespaces();

    expect(found.map(({ namespaceName }) => namespaceName)).toEqual(
      [...server.namespaces.values()].map(({ title }) => title),
    );
    expect(server.requests).toHaveLength(3);
  });

  it("are created, renamed and deleted", async () => {
    const { id } = await client().createNamespace("shop-dev");
    await client().renameNamespace(id, "shop-test");
    expect(await client().listNamespaces()).toEqual([{ id, namespaceName: "shop-test" }]);

    await client().deleteNamespace(id);
    expect(await client().listNamespaces()).toEqual([]);
  });

  it("of one name cannot be created twice", async () => {
    server.addNamespace("shop-dev");

    const error = await errorOf(client().createNamespace("shop-dev"));

    expect([error.code, error.message]).toEqual([
      "NAMESPACE_NAME_TAKEN",
      "cloudflare refused to create namespace 'shop-dev': " +
        "a namespace with this account ID and title already exists (http 400, code 10014)",
    ]);
  });

  it("are not created again when it is unknown whether they were", async () => {
    failing({ kind: "drop", served: true });

    expect((await errorOf(client().createNamespace("shop-dev"))).code).toBe("CLOUDFLARE_UNREACHABLE");
    expect(server.requests).toHaveLength(1);
  });

  it("are created after the 429 that said nothing was done", async () => {
    failing(answer(429, { "retry-after": "0" }));

    await client().createNamespace("shop-dev");

    expect([...server.namespaces.values()].map(({ title }) => title)).toEqual(["shop-dev"]);
  });

  it("count as deleted when the answer to the first attempt was lost", async () => {
    const id = server.addNamespace("shop-dev");
    failing({ kind: "drop", served: true });

    await client().deleteNamespace(id);

    expect(server.namespaces.size).toBe(0);
    expect(server.requests).toHaveLength(2);
  });
});

describe("a key", () => {
  const keys = [
    "a/b",
    "%2F",
    "^",
    "é/日本",
    "?",
    "#",
    "\u0001\u001f",
    "a b+c",
    "...",
    "a//b",
    "'\"\\",
    "100%",
    "__proto__",
  ];

  it.each(keys)("is written, read and deleted whatever its characters: %j", async (key) => {
    const id = server.addNamespace("n");
    const namespace = client().namespace(id);

    await namespace.putValue(key, Uint8Array.of(1, 0xff), { metadata: { n: 1 } });
    expect([...(server.namespaces.get(id)?.entries ?? [])]).toEqual([
      [key, { value: Buffer.of(1, 0xff), metadata: { n: 1 } }],
    ]);

    expect(await namespace.getValue(key)).toEqual(Uint8Array.of(1, 0xff));
    expect(await namespace.getMetadata(key)).toEqual({ n: 1 });

    await namespace.bulkDelete([key]);
    expect(await namespace.getValue(key)).toBeUndefined();
    expect(await namespace.getMetadata(key)).toBeUndefined();
  });

  it("is read in bulk where the single-key route does not find it", async () => {
    const namespace = client().namespace(server.addNamespace("n", { "a^b": "x" }));
    server.fault = ({ path }) => (path.includes("/values/") ? answer(404) : undefined);

    expect(await namespace.getValue("a^b")).toEqual(Uint8Array.of(0x78));
  });

  it("carries its expiry", async () => {
    const id = server.addNamespace("n");
    const namespace = client().namespace(id);
    await namespace.putValue("a", Uint8Array.of(1), { expiration: 4_000_000_000 });
    await namespace.putValue("b", Uint8Array.of(1), { expirationTtl: 3600 });

    const { keys: listed } = await namespace.listKeys();

    const now = Date.now() / 1000;
    expect(listed.map(({ expiration = 0 }) => expiration)).toEqual([4_000_000_000, expect.closeTo(now + 3600, -1)]);
  });
});

describe("a request", () => {
  it.each<[string, Fault]>([
    ["408", answer(408)],
    ["429", answer(429)],
    ["500", answer(500)],
    ["503", answer(503, { "retry-after": "0" })],
    ["524", answer(524)],
    ["a dropped connection", { kind: "drop", served: false }],
    ["an answer that breaks off", { kind: "cut" }],
  ])("that changes nothing when repeated is sent again after %s", async (_fault, fault) => {
    const id = server.addNamespace("n");
    failing(fault, fault);

    await client()
      .namespace(id)
      .bulkPut(new Blob(['[{"key":"a","value":"1"}]']), 1);

    expect(server.requests).toHaveLength(3);
    expect(server.namespaces.get(id)?.entries.get("a")?.value.toString()).toBe("1");
  });

  it("is sent once when Cloudflare does not like it", async () => {
    server.fault = () => answer(400);

    expect((await errorOf(client().namespace("x").listKeys())).code).toBe("CLOUDFLARE_REFUSED");
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, number]>([
    ["CLOUDFLARE_UNAVAILABLE", 502],
    ["CLOUDFLARE_RATE_LIMITED", 429],
    ["CLOUDFLARE_FORBIDDEN", 403],
  ])("ends in %s after every retry that could help", async (code, status) => {
    server.fault = () => answer(status);

    const error = await errorOf(client().listNamespaces());

    expect([error.code, error.status]).toEqual([code, status]);
    expect(server.requests).toHaveLength(status === 403 ? 1 : 4);
  });

  it("ends in CLOUDFLARE_UNREACHABLE with the reason when nothing listens", async () => {
    const { baseUrl } = server;
    await server.close();

    const error = await errorOf(client().listNamespaces());

    expect([error.code, error.message]).toEqual([
      "CLOUDFLARE_UNREACHABLE",
      `no answer from ${new URL(baseUrl).host} when asked to list namespaces (ECONNREFUSED)`,
    ]);
  });

  it("does not wait long for who was never reached, and says what it waits for", async () => {
    const { baseUrl } = server;
    await server.close();
    const reasons: string[] = [];
    const patient = { limit: 8, firstSeconds: 0.01, longestSeconds: 0.01 };

    const error = await errorOf(client({ retry: patient, onRetry: (reason) => reasons.push(reason) }).listNamespaces());

    expect([error.message, reasons]).toEqual([
      expect.stringContaining(new URL(baseUrl).host),
      ["ECONNREFUSED", "ECONNREFUSED"],
    ]);
  });

  it("tells why it is sent again", async () => {
    const reasons: string[] = [];
    failing(answer(503), { kind: "drop", served: false }, answer(429));

    await client({ onRetry: (reason) => reasons.push(reason) }).listNamespaces();

    expect(reasons).toEqual(["http 503", expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/)]);
  });

  it("gives up an attempt that takes too long", async () => {
    server.fault = () => ({ kind: "answer", status: 200, headers: { "content-length": "10" }, body: "short" });

    const error = await errorOf(
      client({
        timeoutSeconds: 0.05,
        retry: { limit: 0, firstSeconds: 0, longestSeconds: 0 },
      }).listNamespaces(),
    );

    expect(error.message).toContain("(timed out)");
  });

  it("ends in CLOUDFLARE_UNREADABLE when the answer is a page of a proxy", async () => {
    server.fault = () => ({ kind: "answer", status: 200, body: "<html>" });

    expect((await errorOf(client().listNamespaces())).code).toBe("CLOUDFLARE_UNREADABLE");
  });

  it("waits as long as Retry-After says, and so does every other", async () => {
    const id = server.addNamespace("n");
    const pauses: number[] = [];
    let other: Promise<unknown> | undefined;
    const patient: CloudflareClient = client({
      onPause: (seconds) => {
        pauses.push(seconds);
        other = waitedFor(patient.namespace(id).listKeys());
      },
    });
    const ends: number[] = [];
    const waitedFor = (work: Promise<unknown>) => work.then(() => ends.push(Date.now()));
    failing(answer(429, { "retry-after": "2" }));
    let started = 0;

    await waited(async () => {
      started = Date.now();
      await waitedFor(patient.listNamespaces());
      await other;
    });

    expect(pauses).toEqual([2]);
    expect(ends.map((end) => end - started >= 2000)).toEqual([true, true]);
  });

  it("waits when Cloudflare says that the budget is used up", async () => {
    const pauses: number[] = [];
    const patient = client({ onPause: (seconds) => pauses.push(seconds) });
    failing({
      kind: "answer",
      status: 200,
      headers: { ratelimit: '"default";r=0;t=1' },
      body: '{"success":true,"result":[]}',
    });

    const milliseconds = await waited(async () => {
      await patient.listNamespaces();
      await patient.listNamespaces();
    });

    expect(pauses).toEqual([1]);
    expect(milliseconds).toBeGreaterThanOrEqual(1000);
  });

  it("counts against one budget, its retries too", async () => {
    server.fault = () => answer(500);
    const thrifty = client({ budget: new RequestBudget(2, 2) });

    const milliseconds = await waited(() => errorOf(thrifty.listNamespaces()));

    expect(server.requests).toHaveLength(4);
    expect(milliseconds).toBeGreaterThanOrEqual(2000);
  });
});

describe("an answer of 200", () => {
  const bodies = [
    "",
    "null",
    "{}",
    "[]",
    '{"success":false}',
    '{"success":true}',
    '{"success":true,"result":null}',
    '{"success":true,"result":{}}',
    '{"success":true,"result":5}',
    '{"success":true,"result":{"successful_key_count":5,"unsuccessful_keys":[]}}',
    '{"success":true,"result":{"successful_key_count":1,"unsuccessful_keys":["a","b"]}}',
    '{"success":true,"result":{"successful_key_count":0,"unsuccessful_keys":["a","a"]}}',
    '{"success":true,"result":{"values":{"a":{"value":5},"b":null}}}',
    '{"success":true,"result":{"values":{"a":null,"b":null,"stranger":null}}}',
    '{"success":true,"result":[{"name":5}]}',
    '{"success":true,"result":[{"name":"a","expiration":"soon"}]}',
  ];

  it.each(['{"success":true}', '{"success":true,"result":[]}', '{"success":true,"result":"ok"}'])(
    "to a write of one value is no success without its result: %s",
    async (body) => {
      const namespace = client().namespace(server.addNamespace("n"));
      server.fault = () => ({ kind: "answer", status: 200, body });

      const error = await errorOf(namespace.putValue("a", Buffer.from("1")));

      expect(error.code).toBe("CLOUDFLARE_UNREADABLE");
    },
  );

  it.each([
    '{"success":true,"result":{}}',
    '{"success":true,"result":null}',
    '{"success":true,"errors":[],"messages":[]}',
  ])("to a write of one value is a success as Cloudflare sends it: %s", async (body) => {
    const namespace = client().namespace(server.addNamespace("n"));
    server.fault = () => ({ kind: "answer", status: 200, body });

    await expect(namespace.putValue("a", Buffer.from("1"))).resolves.toBeUndefined();
  });

  it.each(bodies)("that does not show what was asked for is no success: %s", async (body) => {
    const namespace = client().namespace(server.addNamespace("n"));
    server.fault = () => ({ kind: "answer", status: 200, body });
    const pairs = new Blob(['[{"key":"a","value":"1"},{"key":"b","value":"1"}]']);

    for (const work of [
      () => namespace.bulkPut(pairs, 2),
      () => namespace.bulkDelete(["a", "b"]),
      () => namespace.bulkGet(["a", "b"]),
      () => namespace.listKeys(),
      () => client().listNamespaces(),
    ]) {
      expect((await errorOf(work())).code).toBe("CLOUDFLARE_UNREADABLE");
    }
  });

  it("that is no success is asked for twice more, which may help", async () => {
    const namespace = client().namespace(server.addNamespace("n"));
    failing({ kind: "malformed", body: "<html>" }, { kind: "malformed", body: "{}" });

    expect(await namespace.bulkPut(new Blob(['[{"key":"a","value":"1"}]']), 1)).toEqual({ unsuccessfulKeys: [] });
    expect(server.requests).toHaveLength(3);
  });

  it("with a number of Cloudflare's is that refusal, asked for once", async () => {
    server.fault = () => ({
      kind: "answer",
      status: 200,
      body: '{"success":false,"errors":[{"code":10013,"message":"namespace not found"}]}',
    });

    const error = await errorOf(client().namespace("x").listKeys());

    expect([error.code, error.message]).toEqual([
      "NAMESPACE_NOT_FOUND",
      "cloudflare refused to list keys: no success: namespace not found (code 10013)",
    ]);
    expect(server.requests).toHaveLength(1);
  });

  it("that does not mention a key is completed by a listing", async () => {
    const namespace = client().namespace(server.addNamespace("n", { b: "1" }));
    const values = '{"success":true,"result":{"values":{}}}';
    const bulk = ({ path }: { path: string }): Fault | undefined =>
      path.endsWith("bulk/get") ? { kind: "answer", status: 200, body: values } : undefined;
    server.fault = bulk;

    expect(await namespace.bulkGet(["a"])).toEqual(new Map());
    expect((await errorOf(namespace.bulkGet(["b"]))).code).toBe("CLOUDFLARE_UNREADABLE");
  });
});

describe("a time to wait", () => {
  it.each([
    ["0", undefined],
    ["", undefined],
    ["soon", undefined],
    ["-5", undefined],
    ["NaN", undefined],
    ["Infinity", undefined],
    ["Thu, 01 Jan 1970 00:00:00 GMT", undefined],
    ["2.5", 2.5],
    ["1000000000", 330],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 330],
  ])("of Retry-After %j is %s seconds beside the backoff", (header, seconds) => {
    expect(askedToWait(429, new Headers({ "retry-after": header }))).toBe(seconds);
    expect(askedToWait(503, new Headers({ "retry-after": header }))).toBe(seconds);
  });

  it("is asked for by the statuses that mean it alone", () => {
    expect(askedToWait(200, new Headers({ "retry-after": "5" }))).toBeUndefined();
    expect(askedToWait(200, new Headers({ ratelimit: '"default";r=0;t=90000' }))).toBe(330);
    expect(askedToWait(200, new Headers({ ratelimit: '"default";r=1;t=30' }))).toBeUndefined();
  });

  it.each(["0", "soon", "-5"])("of %s does not take the place of the backoff", async (header) => {
    const times: number[] = [];
    const patient = client({ retry: { limit: 2, firstSeconds: 2, longestSeconds: 10 } });
    server.fault = () => {
      times.push(Date.now());
      return answer(429, { "retry-after": header });
    };

    await waited(() => errorOf(patient.listNamespaces()));

    // At least half of two and of four seconds.
    const [first = 0, second = 0, third = 0] = times;
    expect([second - first >= 1000, third - second >= 2000, times.length]).toEqual([true, true, 3]);
  });
});

describe("a budget", () => {
  it("is one for all clients that are given it", async () => {
    const budget = new RequestBudget(2, 2);

    const milliseconds = await waited(async () => {
      for (const each of [client({ budget }), client({ budget }), client({ budget })]) await each.listNamespaces();
    });

    expect(milliseconds).toBeGreaterThanOrEqual(2000);
  });
});

describe("an error", () => {
  it("shows neither the token nor a value that Cloudflare quotes", async () => {
    server.fault = () => ({
      kind: "answer",
      status: 400,
      body: JSON.stringify({ errors: [{ code: 10001, message: "cannot store SECRET" }] }),
    });
    const id = server.addNamespace("n");

    const error = await errorOf(client().namespace(id).putValue("a", Buffer.from("SECRET")));

    expect(error.message).toBe("cloudflare refused to write a value: (http 400, code 10001)");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/SECRET|test-token/);
  });

  it("says what a refused token needs", async () => {
    const error = await errorOf(client({}, "other-token").listNamespaces());

    expect([error.code, error.hint]).toEqual([
      "CLOUDFLARE_FORBIDDEN",
      "CLOUDFLARE_API_TOKEN must be valid and allow 'Workers KV Storage: Edit' on the account",
    ]);
  });

  it("holds no control characters of a hostile answer", async () => {
    server.fault = () => ({
      kind: "answer",
      status: 400,
      body: JSON.stringify({ errors: [{ message: `\u001b[31mred\n${"x".repeat(1000)}` }] }),
    });

    const { message } = await errorOf(client().listNamespaces());

    expect(message).toMatch(/^cloudflare refused to list namespaces: \[31mred x{200,}… \(http 400\)$/);
  });
});

describe("a Worker", () => {
  it("is asked for its KV bindings", async () => {
    server.workers.set("shop api", { SESSIONS: "a".repeat(32) });

    expect(await client().listWorkers()).toEqual(["shop api"]);
    expect(await client().kvBindingsOf("shop api")).toEqual([{ binding: "SESSIONS", namespaceId: "a".repeat(32) }]);
  });
});

describe("the token", () => {
  it("is verified as a user's, then as the account's", async () => {
    expect(await client().tokenStatus()).toBe("active");

    server.fault = ({ path }) =>
      path.startsWith("/user")
        ? answer(401)
        : { kind: "answer", status: 200, body: '{"success":true,"result":{"status":"expired"}}' };
    expect(await client().tokenStatus()).toBe("expired");
  });
});
