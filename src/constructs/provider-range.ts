import { OLDEST_PROVIDER, PROVIDER_END } from "./defaults.js";
import { NEWER_ATTRIBUTES } from "./binding-props.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";

/** What a construct needs of the Cloudflare provider beyond what all of them need. */
export interface ProviderNeed {
  /** What needs it, for messages. */
  readonly what: string;
  /** The first version that supports it. */
  readonly from?: string;
  /** The first version that no longer does. */
  readonly below?: string;
}

/** Versions from one (inclusive) to another (exclusive). */
export interface ProviderRange {
  readonly from: string;
  readonly below: string;
}

/** What the props of a Worker need. */
export function providerNeeds(props: WorkerWithKvBindingsProps): ProviderNeed[] {
  const { vars = {}, rateLimits = {}, placement, bindings = [], services = {} } = props;
  const hasEntrypoint = Object.values(services).some((to) => typeof to !== "string" && to.entrypoint !== undefined);
  const hasJson =
    Object.values(vars).some((value) => typeof value !== "string") ||
    bindings.some(({ type }) => type.toLowerCase() === "json");
  const newer = bindings.flatMap((binding) => Object.keys(NEWER_ATTRIBUTES).filter((name) => name in binding));
  return [
    // Older ones send the JSON as a string, and the Worker receives a string.
    ...(hasJson ? [{ what: "a var that is not a string", from: "5.18.0" }] : []),
    ...(Object.keys(rateLimits).length > 0 ? [{ what: "rateLimits", from: "5.19.0" }] : []),
    ...(hasEntrypoint ? [{ what: "a service's entrypoint", from: "5.22.0" }] : []),
    ...(newer.length > 0 ? [{ what: `bindings with '${newer.join("', '")}'`, from: "5.22.0" }] : []),
    // From 5.17 on the upload's metadata is left empty when placement is set: Cloudflare answers 400, code 10021.
    ...(placement === undefined ? [] : [{ what: "placement", below: "5.17.0" }]),
  ];
}

/** The versions that support everything that is needed, or why there are none. */
export function rangeFor(needs: readonly ProviderNeed[]): ProviderRange | { readonly problem: string } {
  const start: ProviderNeed & { from: string } = { what: "this library", from: OLDEST_PROVIDER };
  const end: ProviderNeed & { below: string } = { what: "this library", below: PROVIDER_END };
  let newest = start;
  let oldest = end;
  for (const need of needs) {
    const { from, below } = need;
    if (from !== undefined && compareVersions(from, newest.from) > 0) newest = { ...need, from };
    if (below !== undefined && compareVersions(below, oldest.below) < 0) oldest = { ...need, below };
  }
  if (compareVersions(newest.from, oldest.below) < 0) return { from: newest.from, below: oldest.below };
  return {
    problem:
      `no version of the Cloudflare provider supports both: ${newest.what} needs ${newest.from} or newer, ` +
      `${oldest.what} a version before ${oldest.below}; drop one of them, or use a stack for each`,
  };
}

/** In Terraform's syntax. */
export function constraintOf({ from, below }: ProviderRange): string {
  return `>= ${from}, < ${below}`;
}

/** The versions that a constraint allows by its bounds; exclusions of single versions are ignored. */
export function rangeOf(constraints: string): ProviderRange {
  let range: ProviderRange = { from: "0.0.0", below: "999999.0.0" };
  for (const constraint of constraints.split(",")) {
    const { from, below } = boundsOf(constraint);
    if (from !== undefined && compareVersions(from, range.from) > 0) range = { ...range, from };
    if (below !== undefined && compareVersions(below, range.below) < 0) range = { ...range, below };
  }
  return range;
}

function boundsOf(constraint: string): Partial<ProviderRange> {
  const [, operator = "", version = ""] = /^\s*([<>=!~]*)\s*v?([\d.]+)/.exec(constraint) ?? [];
  const given = version.split(".").map(Number);
  const [major = 0, minor = 0, patch = 0] = given;
  const exact = [major, minor, patch].join(".");
  const next = [major, minor, patch + 1].join(".");
  switch (operator) {
    case "":
    case "=":
      return { from: exact, below: next };
    case ">=":
      return { from: exact };
    case ">":
      return { from: next };
    case "<":
      return { below: exact };
    case "<=":
      return { below: next };
    case "~>":
      return { from: exact, below: given.length > 2 ? `${major}.${minor + 1}.0` : `${major + 1}.0.0` };
    default:
      return {};
  }
}

/** By major, minor and patch. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  const index = [0, 1, 2].find((part) => (left?.[part] ?? 0) !== (right?.[part] ?? 0));
  return index === undefined ? 0 : (left?.[index] ?? 0) - (right?.[index] ?? 0);
}
