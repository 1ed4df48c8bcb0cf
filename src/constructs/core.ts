import { TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { CodedError } from "../errors.js";

/**
 * The stack a construct is defined in, if it comes from the same copy of cdktf as
 * this library. One from `cdktn` next to `cdktf` looks right and fails at synth
 * with a TypeError that names neither.
 *
 * @throws CodedError `MIXED_CORES`
 */
export function stackOf(construct: IConstruct): TerraformStack {
  const stack = TerraformStack.of(construct);
  if (stack instanceof TerraformStack) return stack;
  throw new CodedError(
    "MIXED_CORES",
    `the stack '${(stack as IConstruct).node.path}' comes from another copy of cdktf than cdktf-cloudflare-kv uses; ` +
      `install one: with cdktn, "cdktf": "npm:cdktn@^0.24" and "overrides": { "cdktf": "$cdktf" } in package.json`,
  );
}
