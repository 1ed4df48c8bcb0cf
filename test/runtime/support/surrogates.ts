/** What each call answered, or the message it failed with. */
export type Answers = Record<string, unknown>;

/** The methods both have. */
export interface TextKv {
  get(key: string): Promise<string | null>;
  get(keys: string[]): Promise<Map<string, string | null>>;
  get(key: string, type: "arrayBuffer"): Promise<ArrayBuffer | null>;
  put(key: string, value: string, options?: { metadata?: unknown }): Promise<void>;
  getWithMetadata(key: string): Promise<{ metadata: unknown }>;
  delete(key: string): Promise<void>;
  list(options?: { prefix?: string; cursor?: string }): Promise<{ keys: { name: string }[] }>;
}

const LONE = "a\ud800";

/** Lone surrogates in every place of every call. */
export async function surrogateAnswers(kv: TextKv): Promise<Answers> {
  const names = async (options?: { prefix?: string; cursor?: string }) =>
    (await kv.list(options)).keys.map(({ name }) => name);
  const cases: Record<string, () => Promise<unknown>> = {
    put: () => kv.put(LONE, "1"),
    get: () => kv.get(LONE),
    "get of the low half": () => kv.get("\udc00"),
    delete: () => kv.delete(LONE),
    "bulk get": async () => [...(await kv.get([LONE, "b\udfff"]))],
    value: async () => (await kv.put("value", "x\ud800y\ude00"), kv.get("value")),
    "value as bytes": async () => [...new Uint8Array((await kv.get("value", "arrayBuffer")) ?? new ArrayBuffer(0))],
    metadata: async () => {
      await kv.put("metadata", "1", { metadata: { a: "x\ud800y" } });
      return (await kv.getWithMetadata("metadata")).metadata;
    },
    list: () => names(),
    "list with prefix": () => names({ prefix: LONE }),
    "list with cursor": () => names({ cursor: "\ud800" }),
  };
  const answers: Answers = {};
  for (const [name, run] of Object.entries(cases)) {
    try {
      answers[name] = (await run()) ?? null;
    } catch (error) {
      answers[name] = (error as Error).message;
    }
  }
  return answers;
}
