import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AssetType, Lazy, TerraformAsset } from "cdktf";
import type { Construct } from "constructs";

/** The name of every Worker's main module, in Terraform and in Cloudflare. */
export const MAIN_MODULE = "index.js";

/**
 * A Worker's module as a file of the assembly. Terraform reads it from there, so its text is never in the JSON. Its
 * path contains its hash: new code, new path.
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
    content: string | Uint8Array,
    private readonly name: string = MAIN_MODULE,
  ) {
    this.asset = this.define(content);
  }

  /** Replaces the module, as a later `bindKv` does in a gradual rollout. */
  write(text: string): void {
    this.scope.node.tryRemoveChild(this.id);
    this.asset = this.define(text);
  }

  private define(content: string | Uint8Array): TerraformAsset {
    const { path, sha256 } = temporaryFile(content, this.name);
    return new TerraformAsset(this.scope, this.id, { path, type: AssetType.FILE, assetHash: sha256 });
  }
}

const files = new Map<string, string>();
let folder: string | undefined;

/** Holds files until they are copied into the assembly: one folder for each hash, gone with the process. */
export function temporaryFolderOf(
  hash: string,
  contents: readonly { readonly name: string; readonly content: Uint8Array }[],
): string {
  folder ??= temporaryFolder();
  const path = join(folder, hash);
  mkdirSync(path, { recursive: true });
  for (const { name, content } of contents) writeFileSync(join(path, name), content);
  return path;
}

/**
 * Keeps a module until it is copied into the assembly: one file for each content and name, deleted when the process
 * ends.
 */
function temporaryFile(content: string | Uint8Array, name: string): { readonly path: string; readonly sha256: string } {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const key = `${sha256}/${name}`;
  const known = files.get(key);
  if (known !== undefined) return { path: known, sha256 };

  folder ??= temporaryFolder();
  const path = join(folder, sha256, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  files.set(key, path);
  return { path, sha256 };
}

function temporaryFolder(): string {
  const created = mkdtempSync(join(tmpdir(), "cfkv-"));
  process.once("exit", () => rmSync(created, { recursive: true, force: true }));
  return created;
}
