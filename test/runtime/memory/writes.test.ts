import { agree, type AnyKv, bytes, type Cases, long, outcome, round, warmUp } from "../support/agreement.js";

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

const CASES: Cases = {
  "put ArrayBuffer": async (kv) => (
    await kv.put("a", new Uint8Array([1, 2]).buffer),
    bytes(kv.get("a", "arrayBuffer"))
  ),
  "put of a view of a part": async (kv) => (
    await kv.put("a", new Uint8Array([1, 2, 3]).subarray(1, 2)),
    bytes(kv.get("a", "arrayBuffer"))
  ),
  "put stream": async (kv) => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("streamed"));
        controller.close();
      },
    });
    await kv.put("a", body);
    return kv.get("a");
  },
  "put undefined": async (kv) => (await kv.put("a", undefined as never), kv.get("a")),
  "put null": async (kv) => (await kv.put("a", null as never), kv.get("a")),
  "put a number": async (kv) => (await kv.put("a", 3 as never), kv.get("a")),
  "put an object": (kv) => kv.put("a", {} as never),
  "put to the empty key": (kv) => kv.put("", "1"),
  "put to .": (kv) => kv.put(".", "1"),
  "put to ..": (kv) => kv.put("..", "1"),
  "put to a long key": (kv) => kv.put(long, "1"),
  "put to a key of 512 bytes": async (kv) => (await kv.put("é".repeat(256), "1"), kv.get("é".repeat(256))),
  "put a large value": async (kv) => (await warmUp(kv), kv.put("a", "x".repeat(25 * 1024 * 1024 + 1))),
  "put large metadata": (kv) => kv.put("a", "1", { metadata: "x".repeat(1023) }),
  "put the largest metadata": async (kv) => (
    await kv.put("a", "1", { metadata: "x".repeat(1022) }),
    kv.getWithMetadata("a")
  ),
  "put over a key drops its metadata": async (kv) => {
    await kv.put("a", "1", { metadata: { m: 1 }, expirationTtl: 60 });
    await kv.put("a", "2");
    return [await kv.getWithMetadata("a"), await kv.list()];
  },
  ...Object.fromEntries(
    [59, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 31 - 1].map((expirationTtl) => [
      `put with expirationTtl ${expirationTtl}`,
      (kv: AnyKv) => kv.put("a", "1", { expirationTtl }),
    ]),
  ),
  ...Object.fromEntries(
    [100, 0, -1, Number.NaN].map((expiration) => [
      `put with expiration ${expiration}`,
      (kv: AnyKv) => kv.put("a", "1", { expiration }),
    ]),
  ),
  "put with an expiration in an hour": async (kv) => {
    await kv.put("a", "1", { expiration: inAnHour() });
    return round(await kv.list());
  },
  "put with a fraction of a second": async (kv) => (
    await kv.put("a", "1", { expirationTtl: 90.9 }),
    round(await kv.list())
  ),
  "put with expiration and expirationTtl": async (kv) => {
    await kv.put("a", "1", { expiration: inAnHour(), expirationTtl: 120 });
    return round(await kv.list());
  },
  "put true": async (kv) => (await kv.put("a", true as never), kv.get("a")),
  "put a list": (kv) => kv.put("a", [1] as never),
  "put a date": (kv) => kv.put("a", new Date(0) as never),
  "put no bytes": async (kv) => (await kv.put("a", new Uint8Array(0)), kv.getWithMetadata("a")),
  "put a DataView": async (kv) => (
    await kv.put("a", new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 2)),
    bytes(kv.get("a", "arrayBuffer"))
  ),
  "put an empty stream": async (kv) => (await kv.put("a", new Response("").body ?? ""), kv.get("a")),
  "put the largest value": async (kv) => (
    await warmUp(kv),
    await kv.put("a", "x".repeat(25 * 1024 * 1024)),
    (await kv.get("a"))?.length
  ),
  "put large metadata in UTF-8": (kv) => kv.put("a", "1", { metadata: "é".repeat(512) }),
  "put large metadata and a long key": (kv) => kv.put(long, "1", { metadata: "x".repeat(1023) }),
  "put a short expirationTtl and large metadata": (kv) =>
    kv.put("a", "1", { expirationTtl: 5, metadata: "x".repeat(1023) }),
  "put an expiration in 59 seconds": async (kv) => {
    const failed = await outcome(() => kv.put("a", "1", { expiration: Math.floor(Date.now() / 1000) + 30 }));
    return (failed as Error).message.replace(/\d{10}/, "then");
  },
  "put an expiration past 32 bits": (kv) => kv.put("a", "1", { expiration: 2 ** 31 }),
  "put with null as expirationTtl": (kv) => kv.put("a", "1", { expirationTtl: null as never }),
  "put with undefined everywhere": async (kv) => {
    const nothing = { expiration: undefined, expirationTtl: undefined, metadata: undefined };
    await kv.put("a", "1", nothing as never);
    return [await kv.getWithMetadata("a"), await kv.list()];
  },
  "put with expirationTtl 60": async (kv) => (await kv.put("a", "1", { expirationTtl: 60 }), round(await kv.list())),
  "put with expirationTtl 60 and a past expiration": (kv) => kv.put("a", "1", { expirationTtl: 60, expiration: 1 }),
  "put over a key drops its end": async (kv) => {
    await kv.put("a", "1", { expirationTtl: 60 });
    await kv.put("a", "2");
    return kv.list();
  },
};

describe("MemoryKV and Workers KV agree on writes", () => agree(CASES));
