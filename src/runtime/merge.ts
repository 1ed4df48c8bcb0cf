/** Some fields of an object, at any depth. Lists are replaced, not merged. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

/** Whether it is an object whose fields can be merged. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * `patch` laid over `base`, field by field, into a new object. `undefined` removes the field. Where `accept` says no
 * to a value in the place of another, the other stays.
 */
export function deepMerge(
  base: Record<string, unknown>,
  patch: Record<string, unknown>,
  accept: (old: unknown, value: unknown) => boolean = () => true,
): Record<string, unknown> {
  const merged = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (UNSAFE.has(name)) continue;
    const old = Object.hasOwn(base, name) ? base[name] : undefined;
    if (value === undefined) Reflect.deleteProperty(merged, name);
    else if (isPlain(old) && isPlain(value)) merged[name] = deepMerge(old, value, accept);
    else if (isPlain(value)) merged[name] = accept(old, value) ? deepMerge({}, value) : old;
    else if (accept(old, value)) merged[name] = value;
  }
  return merged;
}
