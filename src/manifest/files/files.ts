import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Findings } from "../findings/findings.js";
import { globBase, globTest, isGlob } from "./glob.js";
import { MAX_FILE_BYTES, MAX_FILES } from "../limits.js";
import { Source } from "../yaml/source.js";

/** The path that stands for standard input. */
export const STDIN = "-";

const SKIPPED_FOLDERS = new Set(["node_modules", "cdktf.out"]);
const YAML_FILE = /\.ya?ml$/i;

/** The files of one run. Paths are relative to its folder, and keep the form in which they were given for messages. */
export class Files {
  constructor(
    private readonly folder: string,
    private readonly stdin: Uint8Array = new Uint8Array(),
  ) {}

  /** What is at a path; symbolic links are followed. Pipes, sockets and devices are `other`: reading may never end. */
  kindOf(path: string): "file" | "folder" | "other" | undefined {
    try {
      const found = statSync(this.#absolute(path));
      if (found.isDirectory()) return "folder";
      return found.isFile() ? "file" : "other";
    } catch {
      // Missing, out of reach, or not a path at all, such as one with a NUL in it: nothing to read.
      return undefined;
    }
  }

  /** One path for a file, whichever way it was named. */
  realPath(file: string): string {
    if (file === STDIN) return STDIN;
    try {
      return realpathSync(this.#absolute(file));
    } catch {
      // It does not exist or cannot be reached: reading it will say so.
      return file;
    }
  }

  /** The manifest files that paths, folders and patterns name: each once, in the order given, folders by name. */
  find(paths: readonly string[], findings: Findings, isOptional = false): string[] {
    const found = new Set<string>();
    for (const path of paths) {
      const files = path === STDIN ? [STDIN] : this.#filesOf(path);
      if (typeof files !== "string") for (const file of files) found.add(file);
      else if (!isOptional) findings.addForFile(path, { code: "FILE_NOT_FOUND", message: files });
    }
    if (found.size <= MAX_FILES) return [...found];
    const message = `there are more than ${MAX_FILES} files here: name a smaller folder`;
    findings.addForFile(paths[0] ?? STDIN, { code: "FILE_TOO_LARGE", message });
    return [];
  }

  /** Reads one file as text; undefined, with a finding, when it cannot be read. */
  read(file: string, findings: Findings): Source | undefined {
    if (file === STDIN) return decodeSource(file, this.stdin, findings);
    try {
      return decodeSource(file, readAtMost(this.#absolute(file), MAX_FILE_BYTES + 1), findings);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? "unknown reason";
      findings.addForFile(file, { code: "FILE_UNREADABLE", message: `the file cannot be read (${reason})` });
      return undefined;
    }
  }

  /** The files that one path names, or why there are none. */
  #filesOf(path: string): readonly string[] | string {
    const kind = this.kindOf(path);
    // A pipe that is named itself is read: a shell passes what another command prints as one.
    if (kind === "file" || kind === "other") return [path];
    if (kind === undefined && isGlob(path)) {
      const base = globBase(path);
      const matches = this.kindOf(base) === "folder" ? [...this.#walk(base)].filter(globTest(path)) : [];
      return matches.length > 0 ? matches : "no .yaml or .yml file matches the pattern";
    }
    if (kind === undefined) return "there is no such file or folder";
    const files = [...this.#walk(path)];
    return files.length > 0 ? files : "the folder has no .yaml or .yml file in it";
  }

  /** YAML files of a folder and those below, without hidden files and those of other tools. */
  *#walk(folder: string): Generator<string> {
    const entries = readdirSync(this.#absolute(folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(entry.name)) yield* this.#walk(path);
      } else if (YAML_FILE.test(entry.name) && this.kindOf(path) === "file") {
        yield path;
      }
    }
  }

  #absolute(path: string): string {
    return resolve(this.folder, path);
  }
}

/** Stops reading once a file is too large; a device or a pipe has no size to check. */
function readAtMost(file: string, limit: number): Uint8Array {
  const descriptor = openSync(file, "r");
  try {
    const { size } = statSync(file);
    const buffer = Buffer.allocUnsafe(size > 0 ? Math.min(size + 1, limit) : limit);
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function decodeSource(file: string, bytes: Uint8Array, findings: Findings): Source | undefined {
  if (bytes.byteLength > MAX_FILE_BYTES) {
    const message = `a manifest file can have at most ${MAX_FILE_BYTES / 1024 / 1024} MiB: split it`;
    findings.addForFile(file, { code: "FILE_TOO_LARGE", message });
    return undefined;
  }
  try {
    return new Source(file, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    const source = new Source(file, new TextDecoder().decode(bytes));
    const start = Math.max(0, source.text.indexOf("\uFFFD"));
    const utf16 = bytes[0] === 0xff || bytes[0] === 0xfe ? ", it looks like UTF-16" : "";
    const message = `the file must be UTF-8 text${utf16}: save it as UTF-8`;
    findings.addForFile(file, { code: "INVALID_UTF8", message }, { source, start, end: start + 1 });
    return undefined;
  }
}
