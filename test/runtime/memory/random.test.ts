import fc from "fast-check";
import { MemoryKV } from "../../../src/runtime/testing.js";
import { type AnyKv, bytes, outcome, realNamespaces, round } from "../support/agreement.js";

/** One call; a list leaves its cursor to the next. */
interface Step {
  label: string;
  run: (kv: AnyKv, last: { cursor?: string | undefined }) => Promise<unknown>;
}

const key = fc.constantFrom("a", "ab", "a/b", "b", "42", "0", "é", "\uffee", "😀", "%41", "", ".", "x".repeat(513));
// Errors of getWithMetadata do not always come through Miniflare's proxy as they are, and which of two errors a bulk read
// names is nobody's business: the other files have those.
const valid = key.filter((name) => name !== "" && name !== "." && name.length < 513);
const text = fc.oneof(fc.constantFrom("", "1", "null", "[1]", "MyApp"), fc.string({ unit: "binary", maxLength: 20 }));
const type = fc.constantFrom("text" as const, "json" as const);
const cacheTtl = fc.constantFrom(undefined, undefined, undefined, 60, 29);
const metadata = fc.oneof(fc.constant(undefined), fc.jsonValue({ maxDepth: 1 }), fc.constant("x".repeat(1023)));
const expirationTtl = fc.constantFrom(undefined, undefined, undefined, 3600, 7200.5, 59, 0);
const limit = fc.constantFrom(undefined, 1, 2, 3, 1000, 1001, 0);
const prefix = fc.constantFrom("", "a", "é", "a/", "zz");

function step<A>(
  label: string,
  args: fc.Arbitrary<A>,
  run: (kv: AnyKv, args: A, last: { cursor?: string | undefined }) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return args.map((made) => ({
    label: `${label} ${JSON.stringify(made)}`,
    run: (kv, last) => run(kv, made, last),
  }));
}

/** Options without those that are undefined. */
function set(options: object): never {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

const steps = fc.array(
  fc.oneof(
    step("put", fc.record({ name: key, text, metadata, expirationTtl }), (kv, { name, text: value, ...options }) =>
      kv.put(name, value, set(options)),
    ),
    step("put bytes", fc.tuple(key, fc.uint8Array({ maxLength: 8 })), (kv, [name, value]) => kv.put(name, value)),
    step("get", fc.record({ name: key, type, cacheTtl }), (kv, { name, ...options }) => kv.get(name, set(options))),
    step("get bytes", key, (kv, name) => bytes(kv.get(name, "arrayBuffer"))),
    step("getWithMetadata", fc.tuple(valid, type), (kv, [name, as]) => kv.getWithMetadata(name, as as "text")),
    step("get many", fc.tuple(fc.array(valid, { maxLength: 5 }), type), (kv, [all, as]) => kv.get(all, as as "text")),
    step("getWithMetadata of many", fc.array(valid, { minLength: 1, maxLength: 5 }), (kv, all) =>
      kv.getWithMetadata(all),
    ),
    step("delete", key, (kv, name) => kv.delete(name)),
    step("list", fc.record({ prefix, limit, goOn: fc.boolean() }), async (kv, { goOn, ...options }, last) => {
      const page = await kv.list(set({ ...options, cursor: goOn ? last.cursor : undefined }));
      last.cursor = page.cursor;
      return round(page);
    }),
  ),
  { minLength: 1, maxLength: 25 },
);

jest.setTimeout(60_000);

describe("MemoryKV and Workers KV", () => {
  const real = realNamespaces(1);

  it("agree on whatever is done to them", async () => {
    const kv = await real(0);
    await fc.assert(
      fc.asyncProperty(steps, async (made) => {
        for (const { name } of (await kv.list()).keys) await kv.delete(name);
        const memory = new MemoryKV();
        const lasts: [object, object] = [{}, {}];
        for (const { label, run } of made) {
          const [here, there] = [await outcome(() => run(memory, lasts[0])), await outcome(() => run(kv, lasts[1]))];
          expect({ label, ...(here as object) }).toEqual({ label, ...(there as object) });
        }
      }),
      { numRuns: 60 },
    );
  });
});
