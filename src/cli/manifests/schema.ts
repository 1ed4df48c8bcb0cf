import { anyJsonSchema, isManifestKind, jsonSchema, MANIFEST_KINDS } from "../../manifest/index.js";
import { didYouMean } from "../../suggest.js";
import type { CommandContext } from "../command.js";
import { UsageError } from "../errors.js";

/** `cfkv schema`: the schema with which editors complete and check manifests. */
export function schemaCommand(
  kind: string | undefined,
  _options: Readonly<Record<string, never>>,
  { results }: CommandContext,
): void {
  if (kind === undefined) results.json(anyJsonSchema());
  else if (isManifestKind(kind)) results.json(jsonSchema(kind));
  else {
    const hint = `known are ${MANIFEST_KINDS.join(", ")}`;
    throw new UsageError(`there is no kind '${kind}'${didYouMean(kind, MANIFEST_KINDS)}`, hint);
  }
}
