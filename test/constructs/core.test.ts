import type * as Cdktf from "cdktf";
import { CodedError } from "../../src/errors.js";
import { testStack } from "../support/synth.js";
import { namespaceOf, workerOf } from "./samples.js";

/** A stack made by another copy of cdktf, as by `cdktn` next to it. */
function strangeStack(): Cdktf.TerraformStack {
  let stack: Cdktf.TerraformStack | undefined;
  jest.isolateModules(() => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the only way to load a second copy
    const { Testing, TerraformStack } = require("cdktf") as typeof Cdktf;
    stack = new TerraformStack(Testing.app(), "strange");
  });
  if (stack === undefined) throw new Error("no second copy of cdktf was loaded");
  return stack;
}

describe("a stack of another copy of cdktf", () => {
  it.each([
    ["namespace", (stack: Cdktf.TerraformStack) => namespaceOf(stack, "Sessions")],
    ["Worker", (stack: Cdktf.TerraformStack) => workerOf(stack)],
  ])("is refused by a %s with what to install", (_, define) => {
    const refused = () => define(strangeStack());

    expect(refused).toThrow(CodedError);
    expect(refused).toThrow(
      "the stack 'strange' comes from another copy of cdktf than cdktf-cloudflare-kv uses; " +
        `install one: with cdktn, "cdktf": "npm:cdktn@^0.24" and "overrides": { "cdktf": "$cdktf" } in package.json`,
    );
  });

  it("is not what stacks usually are", () => {
    expect(() => namespaceOf(testStack(), "Sessions")).not.toThrow();
  });
});
