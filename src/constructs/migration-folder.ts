import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { AssetType, TerraformAsset } from "cdktf";
import type { Construct } from "constructs";
import type { CfkvMigrations } from "../assembly/cfkv-record.js";
import { migrationNames } from "../d1/index.js";
import { temporaryFolderOf } from "./code-asset.js";
import { fromHere, missingFile } from "./problems.js";

/** The migrations of a database, copied into the assembly: the files of SQL alone. */
export class MigrationFolder {
  private readonly asset: TerraformAsset;

  constructor(
    scope: Construct,
    binding: string,
    private readonly folder: string,
  ) {
    const path = resolve(folder);
    const files = migrationNames(path).map((name) => ({ name, content: readFileSync(join(path, name)) }));
    const hash = createHash("sha256");
    for (const { name, content } of files) hash.update(`${name}\n${content.length}\n`).update(content);
    const assetHash = hash.digest("hex");
    const copy = temporaryFolderOf(assetHash, files);
    this.asset = new TerraformAsset(scope, `Migrations-${binding}`, {
      path: copy,
      type: AssetType.DIRECTORY,
      assetHash,
    });
  }

  get record(): CfkvMigrations {
    return { directory: this.asset.path, folder: fromHere(this.folder) };
  }
}

/** Why a folder cannot be one of migrations. */
export function migrationsProblem(folder: string): string | undefined {
  if (!existsSync(folder)) return missingFile("migrations folder", folder);
  if (!statSync(folder).isDirectory()) return `migrations must name a folder, '${folder}' is a file`;
  if (migrationNames(folder).length > 0) return undefined;
  return `migrations folder '${folder}' has no .sql file: create one with 'wrangler d1 migrations create'`;
}
