/** Some fields of an object, at any depth. Lists are replaced, not merged. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

type Fields = Record<string, unknown>;

const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

/** Whether it is an object of no class, whose fields can be merged. */
export function isPlain(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Not compared with Object.prototype: objects may come from another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A copy that shares nothing with the value, so that the caller may change it. Only an instance of a class, which a
 * schema made, is returned as it is.
 */
export function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isPlain(value)) return cloneOf(value);
  const copy = { ...value } as Fields;
  for (const name in copy) if (typeof copy[name] === "object") copy[name] = copyOf(copy[name]);
  return copy as T;
}

/** Of what is not plain, dates and collections can be copied; a schema may have made what cannot, such as a URL. */
function cloneOf<T extends object>(value: T): T {
  return /Date|Map|Set|Array/.test(Object.prototype.toString.call(value)) ? structuredClone(value) : value;
}

/**
 * `patch` laid over `base`, field by field, into an object that shares nothing with either. `undefined` removes the
 * field. Where `accept` rejects a value in the place of another, the other stays.
 */
export function deepMerge(
  base: Fields,
  patch: Fields,
  depth: "shallow" | "deep" = "deep",
  accept: (old: unknown, value: unknown) => boolean = () => true,
): Fields {
  const merged = copyOf(base);
  for (const [name, value] of Object.entries(patch)) {
    if (UNSAFE.has(name)) continue;
    const old = Object.hasOwn(base, name) ? base[name] : undefined;
    if (value === undefined) Reflect.deleteProperty(merged, name);
    else if (depth === "deep" && isPlain(old) && isPlain(value)) merged[name] = deepMerge(old, value, depth, accept);
    else if (accept(old, value)) merged[name] = isPlain(value) ? deepMerge({}, value, "deep") : copyOf(value);
  }
  return merged;
}
