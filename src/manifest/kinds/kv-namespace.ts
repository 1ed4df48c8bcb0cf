import * as KV_LIMITS from "../../kv/limits.js";
import { descriptionRule, namespaceNameRule, ttlSecondsRule } from "../schema/rules.js";
import { type Infer, integer, json, list, map, object, oneOf, required, text } from "../schema/schema.js";

export const PLANTON_API_VERSION = "cloudflare.project-planton.org/v1";

const RELATIONSHIP = object(
  {
    kind: required(text("The kind of the other resource.")),
    env: text("The environment of the other resource."),
    name: required(text("The name of the other resource.")),
    type: required(oneOf(["depends_on", "runs_on", "managed_by", "uses"], "How the two are related.")),
  },
  "A relationship to another resource.",
);

/** Planton's metadata: nothing of it is required, and every field is known. */
export const PLANTON_METADATA = object(
  {
    name: text("The resource's name, and that of its construct in the stack.", { default: "the namespaceName" }),
    slug: text("Kept beside the resource in the synthesized stack."),
    id: text("Kept beside the resource in the synthesized stack."),
    org: text("Kept beside the resource in the synthesized stack."),
    env: text("Kept beside the resource in the synthesized stack."),
    labels: map(text("A label's value."), "Labels, kept beside the resource in the synthesized stack."),
    annotations: map(
      text("An annotation's value."),
      "Annotations. Those that begin with cdktf-cloudflare-kv/ set what the spec has no field for: account-id, prevent-destroy, adopt, seed, renamed-from, retired, deleted.",
    ),
    tags: list(text("A tag."), "Tags, kept beside the resource in the synthesized stack."),
    relationships: list(RELATIONSHIP, "Relationships. They have no effect here."),
    group: text("Kept beside the resource in the synthesized stack."),
  },
  "The resource's name, labels and other notes.",
);

/** The fields that a namespace has wherever it is declared. */
export const NAMESPACE_FIELDS = {
  ttlSeconds: integer(
    "Seconds until a key expires if its writer sets no expiration: 0, or 60 to 2147483647. The runtime library and 'cfkv seed' apply it.",
    { default: "0: keys do not expire", minimum: 0, maximum: KV_LIMITS.maxExpirationTtl, rule: ttlSecondsRule },
  ),
  description: text(
    "What the namespace is for, in at most 256 characters. It reaches the Worker, reports and the assembly.",
    {
      default: "none",
      maxLength: KV_LIMITS.maxDescriptionLength,
      rule: descriptionRule,
    },
  ),
};

export const NAMESPACE_NAME = text(
  "The name people see in the dashboard, its title in Cloudflare's API: unique within the account, 1 to 64 characters.",
  { minLength: 1, maxLength: KV_LIMITS.maxNamespaceNameLength, rule: namespaceNameRule },
);

export const KV_NAMESPACE_SCHEMA = object(
  {
    apiVersion: required(oneOf([PLANTON_API_VERSION], "The version of this kind.", { code: "WRONG_API_VERSION" })),
    kind: required(oneOf(["CloudflareKvNamespace"], "What this document is.", { code: "UNKNOWN_KIND" })),
    metadata: required(PLANTON_METADATA),
    spec: required(object({ namespaceName: required(NAMESPACE_NAME), ...NAMESPACE_FIELDS }, "The namespace.")),
    status: json("The outputs of a Planton deployment. They have no effect here."),
  },
  "A Workers KV namespace, as Project Planton declares it.",
);

export type KvNamespaceDocument = Infer<typeof KV_NAMESPACE_SCHEMA>;
