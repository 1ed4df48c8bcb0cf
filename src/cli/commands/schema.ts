import type { Command } from "@commander-js/extra-typings";
import { MANIFEST_KINDS } from "../../manifest/kinds/names.js";

export const schema = (command: Command) =>
  command
    .description("print the JSON schema of a kind of manifest, for editors")
    .argument("[kind]", `one of ${MANIFEST_KINDS.join(", ")} (default: any of them)`);
