import { AssetType, Lazy, TerraformAsset } from "cdktf";
import { type Construct } from "constructs";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The name of every Worker's one module, in Terraform and in Cloudflare. */
export const MAIN_MODULE = "index.js";

/**
 * A Worker's module as a file of the assembly. Terraform reads it from there, so
 * its text never stands in the JSON. Its path holds its hash: new code, new path.
 */
export class CodeAsset {
  /** Relative to the stack's folder, where Terraform runs. */
  readonly path = Lazy.stringValue({ produce: () => this.asset.path });
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256 = Lazy.stringValue({ produce: () => this.hash });

  private readonly asset: TerraformAsset;
  private readonly file: string;
  private hash: string;

  constructor(scope: Construct, id: string, text: string) {
    this.file = join(mkdtempSync(join(temporaryFolder(), "code-")), MAIN_MODULE);
    this.hash = this.save(text);
    this.asset = new TerraformAsset(scope, id, { path: this.file, type: AssetType.FILE, assetHash: this.hash });
  }

  /** Replaces the module, as a later `bindKv` does in a gradual rollout. */
  write(text: string): void {
    this.hash = this.save(text);
    this.asset.assetHash = this.hash;
  }

  private save(text: string): string {
    writeFileSync(this.file, text);
    return createHash("sha256").update(text).digest("hex");
  }
}

let folder: string | undefined;

/** Holds modules until they are copied into the assembly; gone with the process. */
function temporaryFolder(): string {
  if (folder === undefined) {
    const created = mkdtempSync(join(tmpdir(), "cfkv-"));
    process.once("exit", () => rmSync(created, { recursive: true, force: true }));
    folder = created;
  }
  return folder;
}
