import { accessSync, constants, existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../errors.js";
import { replaceFileSync } from "../files/replace-file.js";
import { isObject, type JsonObject } from "../values/json.js";
import { byText } from "../values/text.js";
import { jsonErrorPosition, lineAndColumn } from "./json-position.js";
import { takeTurn } from "./turn.js";
import { LOCK_FILE, type Lock, LOCKED_KINDS, type LockedName, type LockedStack } from "./model.js";

const RESTORE =
  "restore it from version control (git checkout -- cfkv.lock.json); without a sound copy, delete it and synthesize " +
  "again: renames since the last apply are then unknown";
/** What has left a stack: names by the addresses that states may still have them at. */
const LEFT = ["retired", "deleted"] as const;
const MERGE = "keep the entries of both sides, then synthesize again, which corrects them";

/**
 * Reads a lock; undefined when there is none.
 *
 * @throws InputError `LOCK_BROKEN` with the position of the problem. The file is left unchanged
 */
export function readLock(path: string): Lock | undefined {
  if (!existsSync(path)) return undefined;
  const text = read(path);
  const conflict = /^(<{7}|={7}|>{7}|\|{7})( |$)/m.exec(text);
  if (conflict !== null) throw broken(path, text, conflict.index, "an unresolved merge conflict", MERGE);
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw broken(path, text, jsonErrorPosition(error, text), "not valid JSON", RESTORE, error);
  }
  if (isObject(json) && typeof json["version"] === "number" && json["version"] > 1) {
    const hint = "update cdktf-cloudflare-kv to the version that wrote it";
    throw broken(path, text, text.indexOf('"version"'), `of version ${json["version"]}, which is newer`, hint);
  }
  const found = problem(json);
  if (found === undefined) return json as Lock;
  throw broken(path, text, Math.max(0, text.indexOf(JSON.stringify(found.near))), found.message, RESTORE);
}

/** The file's text: the same lock always gives the same text. */
export function lockText(lock: Lock): string {
  return `${JSON.stringify(sorted(lock), null, 2)}\n`;
}

/** Whether the file can be replaced, for which its folder must be writable too. */
export function isLockWritable(path: string): boolean {
  try {
    const file = realPath(path);
    for (const one of [dirname(file), ...(existsSync(file) ? [file] : [])]) accessSync(one, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Replaces the file, or the target of a symbolic link in its place.
 *
 * @throws InputError `FILE_UNWRITABLE`
 */
export function writeLock(path: string, lock: Lock): void {
  try {
    replaceFileSync(realPath(path), lockText(lock));
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Changes the file based on its current content; concurrent processes wait for each other, so that none loses another's
 * change.
 *
 * @param change - the new content; undefined leaves the file unchanged
 * @throws InputError `LOCK_BROKEN`, `FILE_UNWRITABLE`
 */
export function updateLock(path: string, change: (before: Lock | undefined) => Lock | undefined): void {
  const endTurn = turnAt(path);
  try {
    const after = change(readLock(path));
    if (after !== undefined) writeLock(path, after);
  } finally {
    endTurn();
  }
}

function turnAt(path: string): () => void {
  try {
    return takeTurn(realPath(path));
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** The target of a symbolic link in its place. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function unwritable(path: string, cause: unknown): InputError {
  const hint = 'make the folder writable, or set "lock": false in the context of cdktf.json';
  return new InputError("FILE_UNWRITABLE", `${path} cannot be written: ${reason(cause)}`, hint, { cause });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new InputError("LOCK_BROKEN", `${path} cannot be read: ${reason(cause)}`, RESTORE, { cause });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function broken(path: string, text: string, index: number, what: string, hint: string, cause?: unknown): InputError {
  const { line, column } = lineAndColumn(text, index);
  const message = `${path}:${line}:${column}: ${LOCK_FILE} is damaged: ${what}; ${hint}`;
  return new InputError("LOCK_BROKEN", message, hint, { cause });
}

interface Problem {
  readonly message: string;
  /** The nearest name in the file. */
  readonly near: string;
}

function problem(json: unknown): Problem | undefined {
  if (!isObject(json)) return { message: "it must hold an object", near: "" };
  if (json["version"] !== 1) return { message: "'version' must be 1", near: "version" };
  const stacks = json["stacks"];
  if (!isObject(stacks)) return { message: "'stacks' must be an object", near: "stacks" };
  return first(Object.entries(stacks), ([name, stack]) => stackProblem(name, stack));
}

function stackProblem(name: string, stack: unknown): Problem | undefined {
  if (!isObject(stack)) return { message: `stack '${name}' must be an object`, near: name };
  const { app, ...others } = stack;
  if (app !== undefined && typeof app !== "string")
    return { message: `'app' of '${name}' must be a string`, near: name };
  for (const list of LEFT) {
    if (others[list] === undefined || isTexts(others[list])) continue;
    return { message: `'${list}' of stack '${name}' must map addresses to names`, near: name };
  }
  return first(LOCKED_KINDS, (kind) => {
    const names = stack[kind];
    if (names === undefined) return undefined;
    if (!isObject(names)) return { message: `'${kind}' of stack '${name}' must be an object`, near: name };
    return first(Object.entries(names), ([one, entry]) => (isName(entry) ? undefined : nameProblem(one)));
  });
}

function nameProblem(name: string): Problem {
  return { message: `'${name}' must have an 'id' and 'addresses'`, near: name };
}

function isName(entry: unknown): boolean {
  if (!isObject(entry) || typeof entry["id"] !== "string" || !isTexts(entry["addresses"])) return false;
  const { was = {}, protected: isProtected = false } = entry;
  return isObject(was) && Object.values(was).every(isList) && isProtected === false;
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((one) => typeof one === "string");
}

function first<T>(all: readonly T[], check: (one: T) => Problem | undefined): Problem | undefined {
  for (const one of all) {
    const found = check(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys sorted as text; empty values are left out. */
function sorted({ stacks }: Lock): JsonObject {
  return { version: 1, stacks: inOrder(stacks, sortedStack) };
}

function sortedStack({ app, ...names }: LockedStack): JsonObject {
  return {
    ...(app !== undefined && { app }),
    ...Object.fromEntries(
      LOCKED_KINDS.map((kind) => [kind, inOrder(names[kind] ?? {}, sortedName)] as const).filter(hasEntries),
    ),
    ...Object.fromEntries(
      LEFT.map((list) => [list, inOrder(names[list] ?? {}, (name) => name)] as const).filter(hasEntries),
    ),
  };
}

function sortedName({ id, addresses, was, protected: isProtected }: LockedName): JsonObject {
  return {
    id,
    ...(isProtected === false && { protected: false }),
    addresses: inOrder(addresses, (address) => address),
    ...(was !== undefined && Object.keys(was).length > 0 && { was: inOrder(was, (list) => list) }),
  };
}

function hasEntries([, value]: readonly [string, JsonObject]): boolean {
  return Object.keys(value).length > 0;
}

function inOrder<T>(map: Readonly<Record<string, T>>, change: (value: T) => unknown): JsonObject {
  return Object.fromEntries(
    Object.entries(map)
      .sort(([a], [b]) => byText(a, b))
      .map(([name, value]) => [name, change(value)]),
  );
}
