import type { Violation } from "../findings/findings.js";
import { type Infer, object, oneOf, required, text } from "../schema/schema.js";

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** The environment variable that `${NAME}` refers to. */
export function referencedVariable(value: string): string | undefined {
  return REFERENCE.exec(value)?.[1];
}

function secretRule(value: string, label: string): Violation | undefined {
  if (value === "") return { code: "INVALID_CREDENTIAL", message: `${label} must not be empty` };
  if (referencedVariable(value) !== undefined) return undefined;
  // The value itself must not be shown: it may be what it should not be.
  const message = `${label} is a secret in a file: refer to the environment with \${CLOUDFLARE_${snakeUpper(label)}} and rotate the secret, which others may have read`;
  return { code: "LITERAL_SECRET", severity: "warning", message };
}

function snakeUpper(label: string): string {
  return label.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

export const CREDENTIAL_SCHEMA = object(
  {
    apiVersion: required(
      oneOf(["code2cloud.planton.cloud/v1"], "The version of this kind.", { code: "WRONG_API_VERSION" }),
    ),
    kind: required(oneOf(["CloudflareCredential"], "What this document is.", { code: "UNKNOWN_KIND" })),
    metadata: required(object({ name: text("The credential's name.") }, "The credential's metadata.")),
    spec: required(
      object(
        {
          apiToken: text("An API token, as a reference to the environment: ${CLOUDFLARE_API_TOKEN}.", {
            rule: secretRule,
          }),
          apiKey: text("A global API key, as a reference to the environment. Needs email too.", { rule: secretRule }),
          email: text("The e-mail address that the global API key belongs to."),
        },
        "Either apiToken, or apiKey and email.",
      ),
    ),
  },
  "How the provider authenticates. It is never written to a file: it reaches the provider's environment when applying.",
);

export type CredentialDocument = Infer<typeof CREDENTIAL_SCHEMA>;

/** What is wrong with a credential as a whole. */
export function credentialViolation({ spec }: CredentialDocument): Violation | undefined {
  const { apiToken, apiKey, email } = spec;
  if (apiToken !== undefined && (apiKey !== undefined || email !== undefined)) {
    return { code: "INVALID_CREDENTIAL", message: "set either apiToken, or apiKey and email, not both" };
  }
  if (apiToken !== undefined || (apiKey !== undefined && email !== undefined)) return undefined;
  if (apiKey === undefined && email === undefined) {
    return { code: "INVALID_CREDENTIAL", message: "a credential needs apiToken, or apiKey and email" };
  }
  const missing = apiKey === undefined ? "apiKey" : "email";
  return { code: "INVALID_CREDENTIAL", message: `${missing} is missing: a global API key needs apiKey and email` };
}
