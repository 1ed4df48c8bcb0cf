import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { valueSizeProblem } from "../kv/rules.js";
import { byText } from "../values/text.js";
import type { Items, ReadContext } from "./item.js";

/**
 * Reads every file under a directory: the path inside it is the key, with `/` between folders, the bytes are the value.
 * Names that begin with a dot are left out by default: they are rarely meant to be published.
 */
export async function* readDirectory(directory: string, context: ReadContext): Items {
  for await (const found of filesUnder(directory, context)) {
    const file = join(found.parentPath, found.name);
    const position = { file };
    if (!found.isFile()) {
      yield [{ position, problem: "must be a regular file: links, pipes and devices are not read" }];
      continue;
    }
    // A file that is too large is not even opened.
    const problem = valueSizeProblem((await stat(file)).size);
    if (problem !== undefined) {
      yield [{ position, problem }];
      continue;
    }
    const bytes = await readFile(file);
    const key = relative(directory, file).split(sep).join("/");
    context.onBytes(Buffer.from(`${JSON.stringify(key)}${bytes.length}:`));
    context.onBytes(bytes);
    const content = isUtf8(bytes)
      ? { key, value: bytes.toString("utf8") }
      : { key, value: bytes.toString("base64"), base64: true };
    yield [{ position, content }];
  }
}

/** In the order of the keys, one folder after the other, so that two runs read the same sequence. */
async function* filesUnder(
  directory: string,
  context: ReadContext,
): AsyncGenerator<Dirent & { parentPath: string }, void, undefined> {
  const found = await readdir(directory, { withFileTypes: true });
  found.sort((a, b) => byText(a.name, b.name));
  for (const each of found) {
    const path = join(directory, each.name);
    if (each.name.startsWith(".") && context.hidden !== true) context.onHidden(path);
    else if (each.isDirectory()) yield* filesUnder(path, context);
    else yield Object.assign(each, { parentPath: directory });
  }
}
