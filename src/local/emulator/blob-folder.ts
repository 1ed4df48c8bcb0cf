import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../files/replace-file.js";

/** Uploaded modules and assets as files named after their content. A file that exists is complete. */
export class BlobFolder {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<BlobFolder> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new BlobFolder(folder);
  }

  /** @returns the SHA-256 of the content, which is the name of its file. */
  async put(content: Uint8Array): Promise<string> {
    const digest = createHash("sha256").update(content).digest("hex");
    if (!(await this.has(digest))) await this.putAs(digest, content);
    return digest;
  }

  async putAs(name: string, content: Uint8Array): Promise<void> {
    await replaceFile(this.path(name), content, { mode: 0o600 });
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  async has(name: string): Promise<boolean> {
    return stat(this.path(name)).then(
      () => true,
      () => false,
    );
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
  }

  /** Removes every other file, such as the code of Workers that were deleted. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#folder)) if (!names.has(name)) await this.remove(name);
  }

  async get(digest: string): Promise<Uint8Array> {
    return readFile(this.path(digest));
  }
}
