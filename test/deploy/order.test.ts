import type { Stack } from "../../src/assembly/index.js";
import { deploymentGroups } from "../../src/deploy/order.js";

const stack = (name: string, ...dependencies: string[]) => ({ name, dependencies }) as unknown as Stack;
const names = (...stacks: Stack[]) => deploymentGroups(stacks).map((group) => group.map(({ name }) => name));

describe("the order of stacks", () => {
  it("puts each after those that it needs, and the rest together", () => {
    expect(names(stack("a", "b"), stack("b", "c"), stack("c"), stack("d"))).toEqual([["c", "d"], ["b"], ["a"]]);
  });

  it("takes what is not in the list as deployed, and ends for a circle", () => {
    expect(names(stack("a", "elsewhere"))).toEqual([["a"]]);
    expect(names(stack("a", "b"), stack("b", "a"))).toEqual([["a", "b"]]);
  });
});
