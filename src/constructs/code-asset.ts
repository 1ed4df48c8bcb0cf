import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssetType, Lazy, TerraformAsset } from "cdktf";
import type { Construct } from "constructs";

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
  readonly sha256 = Lazy.stringValue({ produce: () => this.asset.assetHash });

  private asset: TerraformAsset;

  constructor(
    private readonly scope: Construct,
    private readonly id: string,
    text: string,
  ) {
    this.asset = this.define(text);
  }

  /** Replaces the module, as a later `bindKv` does in a gradual rollout. */
  write(text: string): void {
    this.scope.node.tryRemoveChild(this.id);
    this.asset = this.define(text);
  }

  private define(text: string): TerraformAsset {
    const { path, sha256 } = temporaryFile(text);
    return new TerraformAsset(this.scope, this.id, { path, type: AssetType.FILE, assetHash: sha256 });
  }
}

const files = new Map<string, string>();
let folder: string | undefined;

/** Holds a module until it is copied into the assembly: one file a text, gone with the process. */
function temporaryFile(text: string): { readonly path: string; readonly sha256: string } {
  const sha256 = createHash("sha256").update(text).digest("hex");
  const known = files.get(sha256);
  if (known !== undefined) return { path: known, sha256 };

  folder ??= temporaryFolder();
  const path = join(folder, sha256, MAIN_MODULE);
  mkdirSync(join(folder, sha256));
  writeFileSync(path, text);
  files.set(sha256, path);
  return { path, sha256 };
}

function temporaryFolder(): string {
  const created = mkdtempSync(join(tmpdir(), "cfkv-"));
  process.once("exit", () => rmSync(created, { recursive: true, force: true }));
  return created;
}
