import { env, SELF } from "cloudflare:test";
import { expect, it } from "vitest";

it("answers from the bindings of the stack", async () => {
  await env.CARTS.put("/ann", "12");
  expect(await (await SELF.fetch("http://shop.test/ann")).text()).toBe("12 EUR test-key");
});

it("starts each test with empty namespaces", async () => {
  expect(await (await SELF.fetch("http://shop.test/ann")).text()).toBe("0 EUR test-key");
});
