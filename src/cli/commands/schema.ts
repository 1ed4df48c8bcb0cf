import { anyJsonSchema, isManifestKind, jsonSchema, MANIFEST_KINDS } from "../../manifest/index.js";
import { didYouMean } from "../../suggest.js";
import type { DefineCommand } from "../command.js";
import { UsageError } from "../errors.js";

/** `cfkv schema`: what editors need to complete and check manifests. */
export const define: DefineCommand = (command, { results }) => {
  command
    .description("print the JSON schema of a kind of manifest, for editors")
    .argument("[kind]", `one of ${MANIFEST_KINDS.join(", ")} (default: any of them)`)
    .action((kind: string | undefined) => {
      if (kind === undefined) results.json(anyJsonSchema());
      else if (isManifestKind(kind)) results.json(jsonSchema(kind));
      else {
        const hint = `known are ${MANIFEST_KINDS.join(", ")}`;
        throw new UsageError(`there is no kind '${kind}'${didYouMean(kind, MANIFEST_KINDS)}`, hint);
      }
    });
};
