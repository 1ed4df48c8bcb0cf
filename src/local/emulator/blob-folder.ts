import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";

/** Files named after their content: uploaded modules and assets. What is there is whole. */
export class BlobFolder {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<BlobFolder> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new BlobFolder(folder);
  }

  /** @returns the SHA-256 of the content, by which it is found again. */
  async put(content: Uint8Array): Promise<string> {
    const digest = createHash("sha256").update(content).digest("hex");
    if (!(await this.has(digest))) await this.putAs(digest, content);
    return digest;
  }

  async putAs(name: string, content: Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    const beside = `${path}.${randomUUID()}.new`;
    const file = await open(beside, "w", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  }

  /** The file of that name, which is there. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  async has(name: string): Promise<boolean> {
    return stat(join(this.#folder, name)).then(
      () => true,
      () => false,
    );
  }

  async get(digest: string): Promise<Uint8Array> {
    return readFile(join(this.#folder, digest));
  }
}
