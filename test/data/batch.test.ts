import { type Batch, Batcher } from "../../src/data/batch.js";
import type { Entry } from "../../src/data/entry.js";
import { kvApi } from "../support/kv-api-target.js";

/** The batches of entries, numbered from 0. */
function batchesOf(entries: readonly Entry[], maxPairs?: number, maxBytes?: number): Batch[] {
  const batcher = new Batcher(maxPairs, maxBytes);
  const batches = entries.map((entry, at) => batcher.add(entry, at));
  return [...batches, batcher.take()].filter((batch) => batch !== undefined);
}

async function textOf(batch: Batch | undefined): Promise<string> {
  return new Blob([...(batch?.body ?? [])]).text();
}

const api = kvApi();

describe("a batch", () => {
  it("is a JSON array of pairs with Cloudflare's names", async () => {
    const [batch] = batchesOf([
      { key: "a", value: 'é"' },
      { key: "b", value: "AA==", base64: true, expirationTtl: 60, metadata: [1] },
      { key: "c", value: "", expiration: 5 },
    ]);

    expect(await textOf(batch)).toBe(
      '[{"key":"a","value":"é\\""},' +
        '{"key":"b","value":"AA==","base64":true,"expiration_ttl":60,"metadata":[1]},' +
        '{"key":"c","value":"","expiration":5}]',
    );
  });

  it("is as full as its limit on bytes allows, to the byte", async () => {
    const entries = ["a", "b", "c", "d", "e"].map((key) => ({ key, value: "éé" }));
    const pair = Buffer.byteLength(JSON.stringify(entries[0]));

    const exactly = batchesOf(entries, 100, 2 * pair + 3);
    const oneLess = batchesOf(entries, 100, 2 * pair + 2);

    const lengths = await Promise.all(exactly.map(async (batch) => Buffer.byteLength(await textOf(batch))));
    expect(lengths).toEqual([2 * pair + 3, 2 * pair + 3, pair + 2]);
    expect(exactly.map(({ bytes }) => bytes)).toEqual(lengths);
    expect(oneLess.map(({ ordinals }) => ordinals.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it("is as full as its limit on pairs allows", () => {
    const batches = batchesOf(
      ["a", "b", "c", "d", "e"].map((key) => ({ key, value: "" })),
      2,
    );

    expect(batches.map(({ ordinals }) => [...ordinals])).toEqual([[0, 1], [2, 3], [4]]);
  });

  it("reports which entries were stored when some keys were not", async () => {
    const target = api.namespace(api.server().addNamespace("n"));
    const entries = ["a", "b", "c", "d"].map((key) => ({ key, value: "" }));
    api.failing({ kind: "partial", fails: (key) => key === "b" || key === "d" });

    const [first, second] = [batchesOf(entries)[0], batchesOf(entries)[0]];
    const partly = await first?.send(target);
    const whole = await second?.send(target);

    expect([[...(partly?.accepted ?? [])], partly?.unsuccessfulKeys]).toEqual([
      [0, 2],
      ["b", "d"],
    ]);
    expect([[...(whole?.accepted ?? [])], whole?.unsuccessfulKeys]).toEqual([[0, 1, 2, 3], []]);
  });

  it("is not taken as stored when the answer names keys that were not sent", async () => {
    const target = api.namespace(api.server().addNamespace("n"));
    const [batch] = batchesOf(["a", "b"].map((key) => ({ key, value: "" })));
    const result = { successful_key_count: 1, unsuccessful_keys: ["stranger"] };
    api.failing({ kind: "answer", status: 200, body: JSON.stringify({ success: true, result }) });

    await expect(batch?.send(target)).rejects.toMatchObject({ code: "CLOUDFLARE_UNREADABLE" });
  });

  it("holds what was added to it, though its memory was used before, and characters of every length at every place", async () => {
    const batcher = new Batcher(5000);
    const entries = Array.from({ length: 12_000 }, (_, at) => ({ key: `k${at}`, value: "aé日😀".repeat(at % 40) }));
    const texts: string[] = [];
    const send = async (batch: Batch | undefined): Promise<void> => {
      texts.push(await textOf(batch));
      batch?.release();
    };

    for (const [at, entry] of entries.entries()) {
      const full = batcher.add(entry, at);
      if (full !== undefined) await send(full);
    }
    await send(batcher.take());

    expect(texts.flatMap((text) => JSON.parse(text) as unknown[])).toEqual(entries);
  });

  it("holds a value as base64 when escapes would make it larger than any request", async () => {
    const value = "\u0001".repeat(17_000_000);

    const [batch] = batchesOf([{ key: "k", value }]);

    const text = await textOf(batch);
    expect(text.length).toBeLessThan(23_000_000);
    expect(text.slice(0, 32)).toBe('[{"key":"k","value":"AQEBAQEBAQE');
  });
});
