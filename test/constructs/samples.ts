import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { KvNamespace } from "../../src/constructs/kv-namespace.js";
import type { KvNamespaceProps } from "../../src/constructs/kv-namespace-props.js";
import { WorkerCode } from "../../src/constructs/worker-code.js";
import { WorkerWithKvBindings } from "../../src/constructs/worker-with-kv-bindings.js";
import type { WorkerWithKvBindingsProps } from "../../src/constructs/worker-props.js";
import { ValidationError } from "../../src/errors.js";
import type { Json, StackJson } from "../support/provider-schema.js";
import { synthToJson } from "../support/synth.js";

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
export const OTHER_ACCOUNT = "f".repeat(32);
export const ZONE = "e".repeat(32);
export const CODE = WorkerCode.fromInline("export default { fetch: () => new Response('hello') };\n");

/** A namespace named after its id. */
export function namespaceOf(stack: TerraformStack, id: string, props: Partial<KvNamespaceProps> = {}): KvNamespace {
  return new KvNamespace(stack, id, { accountId: ACCOUNT, namespaceName: `shop-${id.toLowerCase()}`, ...props });
}

/** A Worker with all that is required. */
export function workerOf(
  stack: TerraformStack,
  props: Partial<WorkerWithKvBindingsProps> = {},
  id = "Api",
): WorkerWithKvBindings {
  return new WorkerWithKvBindings(stack, id, { accountId: ACCOUNT, workerName: "shop-api", code: CODE, ...props });
}

/** One more stack beside others of an app. */
export function stackBeside(stack: TerraformStack, name: string): TerraformStack {
  const other = new TerraformStack(App.of(stack), name);
  new CloudflareProvider(other, "cloudflare");
  return other;
}

/** The one resource of a type; fails when there are none or more. */
export function onlyResource(json: StackJson | TerraformStack, type: string): Json {
  const { resource } = TerraformStack.isStack(json) ? synthToJson(json) : json;
  const [only, ...more] = Object.values(resource?.[type] ?? {});
  if (only === undefined || more.length > 0) throw new Error(`expected one ${type}, got ${only ? more.length + 1 : 0}`);
  return only;
}

/** The bindings of the one Worker or version, by name. */
export function bindingsOf(json: StackJson | TerraformStack, type = "cloudflare_workers_script"): Record<string, Json> {
  const list = (onlyResource(json, type)["bindings"] ?? []) as (Json & { name: string })[];
  return Object.fromEntries(list.map((binding) => [binding.name, binding]));
}

/** The broken rules a definition is refused with; fails when it is not, or for any other reason. */
export function problemsOf(define: () => unknown): readonly string[] {
  try {
    define();
  } catch (error) {
    if (error instanceof ValidationError) return error.problems;
    throw error;
  }
  throw new Error("expected a ValidationError, got none");
}

/** Props as JavaScript and YAML give them: of any form. */
export function untyped(props: unknown): never {
  return props as never;
}
