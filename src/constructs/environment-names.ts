/** Common names for environments, by meaning. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["dev", "dev"],
  ["development", "dev"],
  ["staging", "staging"],
  ["stage", "staging"],
  ["preview", "preview"],
  ["previews", "preview"],
  ["pr", "preview"],
  ["test", "test"],
  ["prod", "prod"],
  ["production", "prod"],
]);

/** The environment that a word stands for, if it is a common name for one. */
export function environmentMeaning(word: string): string | undefined {
  return MEANINGS.get(word);
}

/**
 * Whether an environment is short-lived: its name's first word, without a number at its end, is `dev`, `development`,
 * `preview`, `previews` or `pr`, as in `dev`, `dev2`, `development-eu`, `preview-login`, `pr-12` and `pr12`.
 * `devices` and `previewer` are other words, so they are protected.
 */
export function isTemporaryEnvironment(name: string): boolean {
  const meaning = meaningOf(name);
  return meaning === "dev" || meaning === "preview";
}

/** Whether an environment is a preview, by the same rule. */
export function isPreviewEnvironment(name: string): boolean {
  return meaningOf(name) === "preview";
}

function meaningOf(name: string): string | undefined {
  const [word = ""] = name.split("-");
  return environmentMeaning(word.replace(/\d+$/, ""));
}
