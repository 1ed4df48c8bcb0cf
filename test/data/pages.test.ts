import fc from "fast-check";
import { type Page, listPages } from "../../src/data/pages.js";
import { compareKeys } from "../../src/kv/key-order.js";
import type { Fault, SeenRequest } from "../support/kv-api-server.js";
import { kvApi } from "../support/kv-api-target.js";

const api = kvApi();

const numbered = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at + 100}`, ""]));

async function keysOf(pages: AsyncIterable<Page>): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of pages) keys.push(...page.keys.map(({ name }) => name));
  return keys;
}

/** A namespace of 50 keys in pages of ten, of which some come out otherwise. */
function listed(fault: (request: SeenRequest, count: number) => Fault | undefined): AsyncIterable<Page> {
  const id = api.server().addNamespace("n", numbered(50));
  api.server().pageSize = 10;
  let count = 0;
  api.server().fault = (request) => fault(request, ++count);
  return listPages(api.namespace(id), { prefix: "k" });
}

describe("the pages of a listing", () => {
  it("may be empty before the last one", async () => {
    expect(await keysOf(listed((_, count) => (count % 2 === 1 ? { kind: "page", page: "empty" } : undefined)))).toEqual(
      Object.keys(numbered(50)),
    );
  });

  it("may overlap: every key comes once", async () => {
    expect(await keysOf(listed(() => ({ kind: "page", page: "overlapping" })))).toEqual(Object.keys(numbered(50)));
  });

  it("go on when a cursor has expired, as often as it happens after new keys", async () => {
    const refused = new Set<string>();
    const pages = listed(({ query }) => {
      const [place = ""] = (query.get("cursor") ?? "").split("~");
      if (place === "" || refused.has(place)) return undefined;
      refused.add(place);
      return { kind: "answer", status: 400 };
    });

    expect(await keysOf(pages)).toEqual(Object.keys(numbered(50)));
  });

  it("end in the refusal when a cursor keeps being refused", async () => {
    const pages = listed(({ query }) => (query.has("cursor") ? { kind: "answer", status: 400 } : undefined));

    await expect(keysOf(pages)).rejects.toMatchObject({ code: "CLOUDFLARE_REFUSED", status: 400 });
  });

  it.each([
    ["are out of order", [{ name: "k2" }, { name: "k1" }], ""],
    ["hold keys without the prefix", [{ name: "a" }], ""],
    ["go in circles", [{ name: "k1" }], "same"],
  ])("are not relied on when they %s", async (_, result, cursor) => {
    const body = JSON.stringify({ success: true, result, result_info: { cursor } });

    await expect(keysOf(listed(() => ({ kind: "answer", status: 200, body })))).rejects.toMatchObject({
      code: "CLOUDFLARE_UNREADABLE",
    });
  });
});

describe("the order of keys", () => {
  it("is that of their UTF-8 bytes, whatever they are", () => {
    const key = fc.string({ unit: "grapheme", maxLength: 6 });

    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareKeys("\uff00", "😀")).toBeLessThan(0);
  });
});
