/** Options that several commands share: `.option(...STACK)`. */

export const OUTPUT = [
  "-o, --output <folder>",
  "the assembly's folder (default: 'output' of cdktf.json, or cdktf.out)",
] as const;

export const STACK = [
  "-s, --stack <stack>",
  "the stack or environment, in which the namespace is named by its binding",
] as const;

export const LOCAL = ["--local", "use the data of cfkv dev instead of Cloudflare"] as const;

export const PREFIX = ["--prefix <prefix>", "only keys that begin with this prefix"] as const;

export const WORKER = ["--worker <name>", "which Worker, of a stack that has several"] as const;

export const YES = ["-y, --yes", "do not ask before changing a protected environment"] as const;

export const AS_JSON = ["--json", "print as JSON"] as const;

/** With a choice of `free` and `paid`. */
export const PLAN = ["--plan <plan>", "the plan whose quotas apply: free or paid"] as const;

export const ASCII = ["--ascii", "draw with plain ASCII only"] as const;

/** With {@link collect} and no paths. */
export const SET = [
  "--set <path=value>",
  "override a field in every document that has it: spec.ttlSeconds=300; repeatable",
] as const;

/** With a choice of {@link COMPAT_TOOLS}. */
export const COMPAT = ["--compat <tool>", "planton: accept TTLs of 1 to 59 seconds and use 60"] as const;

export const COMPAT_TOOLS = ["planton"] as const;

export const TARGETS = [
  "[targets...]",
  "stacks, environments or manifests (default: the only stack, or the manifests that were named last)",
] as const;

export const ENGINE = [
  "--engine <program>",
  "tofu, terraform or a path (default: the one the stack was deployed with, or the one that is installed)",
] as const;

export const PARALLEL = ["--parallel", "process independent stacks at the same time"] as const;

/** For options that may be repeated. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
