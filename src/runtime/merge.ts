/** Some fields of an object, at any depth. Lists are replaced, not merged. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

type Fields = Record<string, unknown>;

const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

/** Whether it is an object whose fields can be merged. */
export function isPlain(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * `patch` laid over `base`, field by field, into a new object. `undefined` removes the field. Where `accept` says no
 * to a value in the place of another, the other stays.
 */
export function deepMerge(
  base: Fields,
  patch: Fields,
  depth: "shallow" | "deep" = "deep",
  accept: (old: unknown, value: unknown) => boolean = () => true,
): Fields {
  const merged = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (UNSAFE.has(name)) continue;
    const old = Object.hasOwn(base, name) ? base[name] : undefined;
    if (value === undefined) Reflect.deleteProperty(merged, name);
    else if (depth === "deep" && isPlain(old) && isPlain(value)) merged[name] = deepMerge(old, value, depth, accept);
    else if (accept(old, value)) merged[name] = isPlain(value) ? deepMerge({}, value, "deep") : value;
  }
  return merged;
}
