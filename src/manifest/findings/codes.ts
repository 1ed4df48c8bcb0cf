/** What each code of a manifest's problems means, in one line. docs/manifest.md lists them all; they never change. */
export const MANIFEST_CODES = {
  FILE_NOT_FOUND: "a file, a folder or a pattern names nothing that exists",
  FILE_UNREADABLE: "the file exists and cannot be read",
  FILE_TOO_LARGE: "the file is larger than any manifest should be",
  INVALID_UTF8: "the file is not UTF-8 text",
  NO_DOCUMENT: "the file has no document in it",
  YAML_SYNTAX: "the text is not YAML",
  DUPLICATE_KEY: "a mapping has the same key twice",
  INVALID_KEY: "a key of a mapping is not a plain string",
  INVALID_MERGE: "a merge key does not name a mapping",
  UNKNOWN_ANCHOR: "an alias refers to no anchor before it",
  UNKNOWN_TAG: "a tag asks for a type that manifests do not have",
  ALIAS_LIMIT: "aliases make the document larger than any manifest should be",
  DEPTH_LIMIT: "values are nested deeper than any manifest should be",
  NOT_A_MAPPING: "the document is not a mapping of fields",
  MISSING_KIND: "the document has no kind",
  UNKNOWN_KIND: "the document's kind is not supported",
  WRONG_API_VERSION: "the document's apiVersion is not the one of its kind",
  UNKNOWN_FIELD: "no such field",
  UNSUPPORTED_FIELD: "the field exists elsewhere and is not supported here",
  DOUBLED_FIELD: "a field is set in both of its spellings",
  MISSING_FIELD: "a required field is missing",
  WRONG_TYPE: "the value has the wrong type",
  INVALID_VALUE: "the value is not one of those allowed",
  INVALID_NAME: "the name is empty, padded or has characters that names cannot have",
  TOO_LONG: "the string has too many characters",
  TTL_OUT_OF_RANGE: "the TTL is negative, broken or larger than KV can store",
  TTL_TOO_SHORT: "the TTL is between 1 and 59 seconds, which KV refuses",
  INVALID_ACCOUNT_ID: "the account id is not 32 hexadecimal digits",
  INVALID_BINDING: "the binding is not a JavaScript identifier",
  DUPLICATE_BINDING: "two parts of one Worker have the same binding",
  DUPLICATE_NAME: "two documents of one stack have the same name",
  DUPLICATE_NAMESPACE_NAME: "two namespaces have the same name, which is unique in an account",
  MISSING_RESOURCE: "a template lacks its Worker or has no namespace",
  ENTRY_NOT_FOUND: "a Worker's entry file does not exist",
  UNKNOWN_NAMESPACE: "a namespace is named that is not declared",
  UNKNOWN_ANNOTATION: "an annotation with this package's prefix is unknown",
  INVALID_CREDENTIAL: "a credential needs an API token, or a key and an e-mail address, and not both",
  LITERAL_SECRET: "a secret is in the file instead of a reference to the environment",
  HAS_NO_EFFECT: "the field is accepted but has no effect here",
  NAME_UNCHANGED: "a name prefix or suffix leaves the namespace's name as it is",
  RESOURCE_NOT_FOUND: "a kustomization names a file or a folder that does not exist",
  REMOTE_RESOURCE: "a kustomization names something on the network",
  OUTSIDE_ROOT: "a kustomization names a file outside its own folder",
  KUSTOMIZATION_CYCLE: "a kustomization includes itself",
  PATCH_NO_MATCH: "a patch matches no document",
  PATCH_FAILED: "a patch cannot be applied",
  INVALID_OVERRIDE: "an override is not of the form path=value",
  OVERRIDE_NO_MATCH: "an override names a field that no document has",
  MISSING_ACCOUNT_ID: "no account id is known for a namespace",
  DUPLICATE_STACK: "two files would become stacks of the same name",
  INVALID_PROPS: "a construct rejects the document's values",
} as const;

/** The stable name of a manifest's problem. */
export type ManifestCode = keyof typeof MANIFEST_CODES;

/** Codes of problems with wrangler's configuration that manifests do not have. docs/coming-from-wrangler.md lists them. */
export const CONFIG_CODES = {
  JSON_SYNTAX: "the text is not JSON, with comments or without",
  TOML_SYNTAX: "the text is not TOML",
  INVALID_ID: "an id does not have the form of Cloudflare's ids",
} as const;

/** The stable name of a problem with wrangler's configuration. */
export type ConfigCode = ManifestCode | keyof typeof CONFIG_CODES;
