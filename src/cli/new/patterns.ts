/** The patterns that a Worker can be given. */
export const PATTERNS = [
  "sessions",
  "cache",
  "flags",
  "config",
  "rate-limit",
  "preferences",
  "namespace",
  "bulk",
] as const;

export type PatternName = (typeof PATTERNS)[number];

/** What a pattern's namespace is declared with. */
export interface Pattern {
  readonly ttlSeconds?: number;
  readonly description: string;
  /** Part of the namespace's name, if not the binding. */
  readonly purpose?: string;
  /** Whether it has a file of entries. */
  readonly isSeeded?: true;
  /** Whether it decides about requests that other routes answer, and so comes before them. */
  readonly isFirst?: true;
}

const DAY = 86_400;

export const PATTERN: Readonly<Record<PatternName, Pattern>> = {
  "rate-limit": { ttlSeconds: 3600, description: "How often an address has asked", isFirst: true },
  config: { description: "Settings of the Worker", isSeeded: true, isFirst: true },
  sessions: { purpose: "session", ttlSeconds: DAY, description: "Who is logged in" },
  cache: { ttlSeconds: 3600, description: "What takes long to load" },
  flags: { description: "Feature flags", isSeeded: true },
  preferences: { description: "What users have chosen" },
  namespace: { description: "Entries by id" },
  bulk: { description: "Entries from a file", isSeeded: true },
};

/** A pattern under a name of its own. */
export interface NamedPattern {
  readonly pattern: PatternName;
  /** `user-pages`: files and paths. */
  readonly kebab: string;
  /** `userPages`: the route. */
  readonly camel: string;
  /** `USER_PAGES`: the binding. */
  readonly binding: string;
}

/** Every form of a name; undefined when it is not one. */
export function namedPattern(pattern: PatternName, name: string = pattern): NamedPattern | undefined {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40 || RESERVED.has(name)) return undefined;
  const camel = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { pattern, kebab: name, camel, binding: name.replaceAll("-", "_").toUpperCase() };
}

/** Files that a project has already, and words that no variable can be. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    "route routes index env request context response worker stacks summary default defaults cookie load all " +
    "break case catch class const continue debugger delete do else enum export extends false finally for function if " +
    "import in instanceof new null return super switch this throw true try typeof var void while with yield let static " +
    "await async"
  ).split(" "),
);

/** The declaration of a pattern's namespace in TypeScript: one line. */
export function namespaceLine({ pattern, binding, kebab }: NamedPattern): string {
  const { purpose, ttlSeconds, description, isSeeded } = PATTERN[pattern];
  const fields = [
    ...(purpose === undefined || kebab !== pattern ? [] : [`purpose: "${purpose}"`]),
    ...(ttlSeconds === undefined ? [] : [`ttlSeconds: ${ttlSeconds}`]),
    `description: "${description}"`,
    ...(isSeeded === true ? [`seed: ["seeds/${kebab}.json"]`] : []),
  ];
  return `${binding}: { ${fields.join(", ")} },`;
}

/** The same in YAML. */
export function namespaceYaml(named: NamedPattern): string {
  return namespaceLine(named).replace(/,$/, "");
}
