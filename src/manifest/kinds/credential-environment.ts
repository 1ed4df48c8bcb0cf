import { InputError } from "../../errors.js";
import { referencedVariable } from "./credential.js";
import type { ManifestOf } from "../manifest.js";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment variables through which a credential reaches Terraform's provider, and the only place they go to: the
 * process that applies, never a file.
 *
 * @throws InputError `CREDENTIAL_VARIABLE_MISSING` when the credential refers to a variable that is not set
 */
export function providerEnvironment(
  { value }: ManifestOf<"CloudflareCredential">,
  env: Variables,
): Readonly<Record<string, string>> {
  const { apiToken, apiKey, email } = value.spec;
  const given = { CLOUDFLARE_API_TOKEN: apiToken, CLOUDFLARE_API_KEY: apiKey, CLOUDFLARE_EMAIL: email };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, secret]) => (secret === undefined ? [] : [[name, resolve(secret, env)]])),
  );
}

/** The variables that the provider reads, and those that a credential refers to instead. */
export function renamedVariables({ value }: ManifestOf<"CloudflareCredential">): Readonly<Record<string, string>> {
  const { apiToken, apiKey, email } = value.spec;
  const given = { CLOUDFLARE_API_TOKEN: apiToken, CLOUDFLARE_API_KEY: apiKey, CLOUDFLARE_EMAIL: email };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, secret]) => {
      const variable = referencedVariable(secret ?? "");
      return variable === undefined || variable === name ? [] : [[name, variable]];
    }),
  );
}

function resolve(secret: string, env: Variables): string {
  const variable = referencedVariable(secret);
  if (variable === undefined) return secret;
  const value = env[variable];
  if (value !== undefined && value !== "") return value;
  const hint = `export ${variable}, then run the command again`;
  throw new InputError("CREDENTIAL_VARIABLE_MISSING", `the credential refers to ${variable}, which is not set`, hint);
}
