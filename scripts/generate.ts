/** Writes everything in the repository that follows from the source: `schema/*.json` and tables of `docs/`. */
import { writeFileSync } from "node:fs";
import { generatedFiles } from "./generated/files.js";

for (const [path, text] of await generatedFiles()) writeFileSync(path, text);
