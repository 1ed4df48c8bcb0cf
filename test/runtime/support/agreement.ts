import { Miniflare } from "miniflare";
import { MemoryKV } from "../../../src/runtime/testing.js";

/** The methods both have. */
export type AnyKv = Pick<MemoryKV, "get" | "getWithMetadata" | "put" | "delete" | "list">;

/** Each case runs in an empty namespace: what it returns, or the error, must be the same in both. */
export type Cases = Record<string, (kv: AnyKv) => Promise<unknown>>;

/** One key longer than KV takes, in UTF-8 bytes. */
export const long = "x".repeat(513);

export async function fill(kv: AnyKv, ...keys: string[]): Promise<void> {
  for (const key of keys) await kv.put(key, key);
}

/**
 * Makes the first calls small. Miniflare blocks this thread for the first call of each method, until it knows that the
 * method answers later: one that moves megabytes fails there on a busy machine.
 */
export async function warmUp(kv: AnyKv): Promise<void> {
  await kv.put("a", "");
  await kv.get(["a"]);
}

export async function bytes(work: Promise<ArrayBuffer | null>): Promise<number[]> {
  return [...new Uint8Array((await work) ?? new ArrayBuffer(0))];
}

/** Expirations to ten seconds: the two namespaces are written one after the other. */
export function round({ keys, ...page }: Awaited<ReturnType<AnyKv["list"]>>): unknown {
  const rounded = keys.map(({ expiration, ...key }) => ({
    ...key,
    expiration: expiration === undefined ? undefined : Math.round((expiration - Date.now() / 1000) / 10),
  }));
  return { keys: rounded, ...page };
}

/** The outcome in a form that can be compared. */
export async function outcome(work: () => unknown): Promise<unknown> {
  try {
    const value = await work();
    return { value: value instanceof Map ? [...(value as Map<unknown, unknown>)] : value };
  } catch (error) {
    const { name, message } = error as Error;
    // What V8 says of text that is no JSON changes from version to version.
    return name === "SyntaxError" ? { name } : { name, message };
  }
}

/** Miniflare with so many namespaces, for as long as the file's tests run. */
export function realNamespaces(count: number): (index: number) => Promise<AnyKv> {
  let miniflare: Miniflare;
  beforeAll(() => {
    const ids = Array.from({ length: count }, (_, index): [string, string] => [`KV${index}`, `namespace-${index}`]);
    miniflare = new Miniflare({
      modules: true,
      script: "export default { fetch: () => new Response() }",
      compatibilityDate: "2025-09-01",
      kvNamespaces: Object.fromEntries(ids),
    });
  });
  afterAll(() => miniflare.dispose());
  return async (index) => (await miniflare.getKVNamespace(`KV${index}`)) as unknown as AnyKv;
}

/** One test a case, which runs it on MemoryKV and on Miniflare's KV. */
export function agree(cases: Cases): void {
  // The largest cases move 26 MB through workerd, on a machine that may be busy.
  jest.setTimeout(60_000);
  const real = realNamespaces(Object.keys(cases).length);

  it.each(Object.entries(cases).map(([name, run], index) => ({ name, run, index })))(
    "$name",
    async ({ run, index }) => {
      const kv = await real(index);

      expect(await outcome(() => run(new MemoryKV()))).toEqual(await outcome(() => run(kv)));
    },
  );
}
