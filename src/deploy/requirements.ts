import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "../assembly/index.js";
import { InputError } from "../errors.js";
import { isObject } from "../values/json.js";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Checks that Terraform gets every value that it would ask for, before it is started.
 *
 * @throws InputError `VARIABLE_MISSING` with all of them
 */
export function expectVariables(stacks: readonly Stack[], env: Variables): void {
  const missing = new Map<string, string[]>();
  for (const stack of stacks) {
    if (mayBeSetElsewhere(stack, env)) continue;
    for (const { name, optional } of stack.variables) {
      if (optional || env[`TF_VAR_${name}`] !== undefined) continue;
      missing.set(name, [...(missing.get(name) ?? []), stack.name]);
    }
  }
  if (missing.size === 0) return;
  const all = [...missing].map(([name, of]) => `TF_VAR_${name} (of ${of.join(", ")})`).join(", ");
  const [first = ""] = missing.keys();
  throw new InputError(
    "VARIABLE_MISSING",
    `${missing.size === 1 ? "a variable has" : "variables have"} no value: ${all}`,
    `export each of them, as in: read -rs TF_VAR_${first}; export TF_VAR_${first}`,
  );
}

function mayBeSetElsewhere({ directory }: Stack, env: Variables): boolean {
  if (Object.keys(env).some((name) => name.startsWith("TF_CLI_ARGS") && (env[name] ?? "").includes("-var")))
    return true;
  try {
    return readdirSync(directory).some((name) => /\.tfvars(\.json)?$/.test(name));
  } catch {
    return false;
  }
}

/** Whether the stack's provider gets its credentials from the environment, as it does unless the stack gives it some. */
export function needsCredentials({ directory }: Stack): boolean {
  const stack: unknown = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8"));
  const providers = isObject(stack) && isObject(stack["provider"]) ? stack["provider"]["cloudflare"] : undefined;
  const all = (Array.isArray(providers) ? providers : [providers]).filter(isObject);
  return all.some((provider) => !["api_token", "api_key", "api_user_service_key"].some((name) => name in provider));
}
