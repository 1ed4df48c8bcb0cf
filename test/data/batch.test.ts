import { type Batch, Batcher } from "../../src/data/batch.js";
import type { Entry } from "../../src/data/entry.js";

/** The batches of entries, numbered from 0. */
function batchesOf(entries: readonly Entry[], maxPairs?: number, maxBytes?: number): Batch[] {
  const batcher = new Batcher(maxPairs, maxBytes);
  const batches = entries.map((entry, at) => batcher.add(entry, at));
  return [...batches, batcher.take()].filter((batch) => batch !== undefined);
}

describe("a batch", () => {
  it("is a JSON array of pairs with Cloudflare's names", async () => {
    const [batch] = batchesOf([
      { key: "a", value: 'é"' },
      { key: "b", value: "AA==", base64: true, expirationTtl: 60, metadata: [1] },
      { key: "c", value: "", expiration: 5 },
    ]);

    expect(await new Response(batch?.body).text()).toBe(
      '[{"key":"a","value":"é\\""},' +
        '{"key":"b","value":"AA==","base64":true,"expiration_ttl":60,"metadata":[1]},' +
        '{"key":"c","value":"","expiration":5}]',
    );
  });

  it("is as full as its limit on bytes allows, to the byte", () => {
    const entries = ["a", "b", "c", "d", "e"].map((key) => ({ key, value: "éé" }));
    const pair = Buffer.byteLength(JSON.stringify(entries[0]));

    const exactly = batchesOf(entries, 100, 2 * pair + 3);
    const oneLess = batchesOf(entries, 100, 2 * pair + 2);

    expect(exactly.map(({ body }) => (body as Uint8Array).length)).toEqual([2 * pair + 3, 2 * pair + 3, pair + 2]);
    expect(oneLess.map(({ keys }) => keys.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it("is as full as its limit on pairs allows", () => {
    const batches = batchesOf(
      ["a", "b", "c", "d", "e"].map((key) => ({ key, value: "" })),
      2,
    );

    expect(batches.map(({ keys, ordinals }) => [keys, ordinals])).toEqual([
      [
        ["a", "b"],
        [0, 1],
      ],
      [
        ["c", "d"],
        [2, 3],
      ],
      [["e"], [4]],
    ]);
  });

  it("holds a value as base64 when escapes would make it larger than any request", async () => {
    const value = "\u0001".repeat(17_000_000);

    const [batch] = batchesOf([{ key: "k", value }]);

    const text = await new Response(batch?.body).text();
    expect(text.length).toBeLessThan(23_000_000);
    expect(text.slice(0, 32)).toBe('[{"key":"k","value":"AQEBAQEBAQE');
  });
});
