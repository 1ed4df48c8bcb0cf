import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { valueSizeProblem } from "../kv/rules.js";
import type { Items } from "./item.js";

/** Reads every file under a directory: the path inside it is the key, with `/` between folders, the bytes are the value. */
export async function* readDirectory(directory: string): Items {
  for await (const found of filesUnder(directory)) {
    const file = join(found.parentPath, found.name);
    const position = { file };
    if (!found.isFile()) {
      yield [{ position, problem: "must be a regular file: links and devices are not read" }];
      continue;
    }
    // Not even opened when it is too large, whatever its size.
    const problem = valueSizeProblem((await stat(file)).size);
    if (problem !== undefined) {
      yield [{ position, problem }];
      continue;
    }
    const bytes = await readFile(file);
    const key = relative(directory, file).split(sep).join("/");
    const content = isUtf8(bytes)
      ? { key, value: bytes.toString("utf8") }
      : { key, value: bytes.toString("base64"), base64: true };
    yield [{ position, content }];
  }
}

/** In the order of the keys of one folder after the other, so that two runs read the same sequence. */
async function* filesUnder(directory: string): AsyncGenerator<Dirent & { parentPath: string }> {
  const found = await readdir(directory, { withFileTypes: true });
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const each of found) {
    if (each.isDirectory()) yield* filesUnder(join(directory, each.name));
    else yield Object.assign(each, { parentPath: directory });
  }
}
