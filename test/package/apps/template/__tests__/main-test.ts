import "cdktf/lib/testing/adapters/jest"; // Load types for expect matchers
import { WorkersKvNamespace } from "@cdktf/provider-cloudflare/lib/workers-kv-namespace";
import { Testing } from "cdktf";
import { KvNamespace } from "cdktf-cloudflare-kv";
import { KvStore } from "cdktf-cloudflare-kv/runtime";
import { MemoryKV } from "cdktf-cloudflare-kv/runtime/testing";

describe("My CDKTF Application", () => {
  it("should contain a namespace", () => {
    expect(
      Testing.synthScope((scope) => {
        new KvNamespace(scope, "my-namespace", { namespaceName: "shop-sessions", accountId: "0".repeat(32) });
      }),
    ).toHaveResourceWithProperties(WorkersKvNamespace, { title: "shop-sessions" });
  });

  it("should keep what the Worker writes", async () => {
    const store = KvStore.fromEnv<string>({ SESSIONS: new MemoryKV() }, "SESSIONS");
    await store.set("a", "b");
    expect(await store.get("a")).toBe("b");
  });
});
