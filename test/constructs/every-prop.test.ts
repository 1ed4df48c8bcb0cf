import type { TerraformStack } from "cdktf";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import type { KvNamespaceProps } from "../../src/constructs/kv-namespace-props.js";
import { synthToJson, testStack } from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";
import { ACCOUNT, OTHER_ACCOUNT } from "./samples.js";

const files = tempDirs();

/** With an effect only where a lock knows earlier names: the tests of the lock have them. */
type OfTheLock = "renamedFrom" | "retired" | "deleted";

/** A value of every prop that is not its default. A new prop does not compile until it is here. */
const VALUES: {
  readonly [Prop in Exclude<keyof KvNamespaceProps, OfTheLock>]-?: (
    stack: TerraformStack,
  ) => NonNullable<KvNamespaceProps[Prop]>;
} = {
  namespaceName: () => "another",
  accountId: () => OTHER_ACCOUNT,
  ttlSeconds: () => 60,
  description: () => "who is logged in",
  preventDestroy: () => false,
  entries: () => [{ key: "a", value: "b" }],
  seed: () => [files.write("seed.json", "[]")],
  keys: () => ({ "session:{token}": "who is logged in" }),
  value: () => "./src/types#Session",
  workload: () => ({ direct: { readsPerMonth: 1 } }),
  provider: (stack) => new CloudflareProvider(stack, "other", { alias: "other" }),
  adopt: () => "1".repeat(32),
};

describe("every prop of a namespace", () => {
  it("is compared with a synthesis that is the same each time", () => {
    expect(synthesizedWith(undefined)).toEqual(synthesizedWith(undefined));
  });

  it.each(Object.keys(VALUES) as (keyof typeof VALUES)[])("has an effect on what is synthesized: %s", (prop) => {
    expect(synthesizedWith(prop)).not.toEqual(synthesizedWith(undefined));
  });
});

function synthesizedWith(prop: keyof typeof VALUES | undefined): unknown {
  const stack = testStack();
  const values = Object.fromEntries(
    // All of them are made, so that what one of them defines beside the namespace is no difference.
    Object.entries(VALUES).map(([name, make]) => [name, make(stack)]),
  );
  const props: KvNamespaceProps = { namespaceName: "sessions", accountId: ACCOUNT };
  new KvNamespace(stack, "Sessions", prop === undefined ? props : { ...props, [prop]: values[prop] });
  return synthToJson(stack);
}
