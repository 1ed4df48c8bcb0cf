import { chooseStack, readAssembly } from "../../src/assembly/index.js";

const shop = readAssembly("test/fixtures/assembly/edge-store");
const handWritten = readAssembly("test/fixtures/assembly/hand-written");

describe("the stack to work with", () => {
  it("is the first developer's of dev when nothing is said", () => {
    expect(chooseStack(shop, {}).name).toBe("edge-store-dev-alice");
  });

  it("is the shared stack of dev when there is one", () => {
    const [alice, bob, prod] = shop.stacks;
    const stacks = [alice, bob, prod && { ...prod, name: "edge-store-dev", environment: "dev" }];
    const assembly = { ...shop, stacks: stacks.filter((stack) => stack !== undefined) };
    expect(chooseStack(assembly, {}).name).toBe("edge-store-dev");
  });

  it("is the one named, by its own name or its environment's", () => {
    expect(chooseStack(shop, { name: "edge-store-dev-bob" }).name).toBe("edge-store-dev-bob");
    expect(chooseStack(shop, { name: "prod" }).name).toBe("edge-store-prod");
  });

  it("is the developer's", () => {
    expect(chooseStack(shop, { developer: "bob" }).name).toBe("edge-store-dev-bob");
  });

  it("is the only one there is", () => {
    expect(chooseStack({ ...handWritten, stacks: handWritten.stacks.slice(1) }, {}).name).toBe("web");
  });

  it("cannot be guessed among several without environments", () => {
    expect(() => chooseStack(handWritten, {})).toThrow("several stacks match, and none is the only 'dev' one");
  });

  it("has to exist", () => {
    expect(() => chooseStack(shop, { name: "edge-store-prd" })).toThrow(
      "no stack is named 'edge-store-prd' (did you mean 'edge-store-prod'?)",
    );
    expect(() => chooseStack(shop, { developer: "alicia" })).toThrow(
      "no stack belongs to developer 'alicia' (did you mean 'alice'?)",
    );
    expect(() => chooseStack({ ...shop, stacks: [] }, {})).toThrow("the assembly has no stacks");
  });
});
