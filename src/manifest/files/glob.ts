/** Whether a path is a pattern. */
export function isGlob(path: string): boolean {
  return /[*?]/.test(path);
}

/** The folder that every match of a pattern is in. */
export function globBase(pattern: string): string {
  const fixed = pattern.slice(0, pattern.search(/[*?]/));
  const slash = fixed.lastIndexOf("/");
  if (slash === -1) return ".";
  return slash === 0 ? "/" : fixed.slice(0, slash);
}

/** A test for paths: `*` and `?` stay within a folder, `**` crosses folders. */
export function globTest(pattern: string): (path: string) => boolean {
  const source = pattern
    .replace(/^\.\//, "")
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => WILDCARDS[part] ?? part.replace(/[\\^$.|+()[\]{}]/g, "\\$&"))
    .join("");
  const expression = new RegExp(`^${source}$`, "u");
  return (path) => expression.test(path.replace(/^\.\//, ""));
}

const WILDCARDS: Readonly<Record<string, string>> = { "**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]" };
