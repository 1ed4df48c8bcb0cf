const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** What {@link isSlug} accepts, for messages. */
export const SLUG_FORM = "lower-case letters and digits, joined by single '-'";

/** Whether code can read a binding of this name as `env.NAME`. */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name);
}

/** Whether a name can be a part of other names, as `shop` and `edge-store` can. */
export function isSlug(name: string): boolean {
  return SLUG.test(name);
}

/** Whether two names are one to Cloudflare, to which Terraform writes composed characters (NFC). */
export function isSameName(a: string, b: string): boolean {
  return a.normalize("NFC") === b.normalize("NFC");
}

/**
 * Whether every JavaScript object has a member of this name already, as `constructor`: constructs keep their children
 * in a plain object, and such a name would be found there before anything is defined.
 */
export function isBuiltInName(name: string): boolean {
  return name in Object.prototype;
}

/** How others of an environment refer to the Worker of the field `worker`. */
export const SINGLE_WORKER = "worker";

/** Names that the other parts of a stack have. */
const STACK_PARTS: ReadonlySet<string> = new Set(["cloudflare", "backend", "cfkv"]);

/** What is wrong with the name of one of a set's `workers`. */
export function workerKeyProblem(name: string): string | undefined {
  if (!isSlug(name) || !/^[a-z]/.test(name))
    return `a worker's name must be ${SLUG_FORM}, beginning with a letter, got '${name}'`;
  if (name === SINGLE_WORKER) return "'worker' means the Worker of the field worker: choose another name";
  if (STACK_PARTS.has(name) || isBuiltInName(name))
    return `'${name}' cannot be a worker's name: every stack has something of that name`;
  return undefined;
}
