import { command, group, type CommandEntry } from "./command.js";

/**
 * Every command, in the order of `cfkv --help`: its summary, its declaration (`src/cli/commands/<name>.ts`) and its
 * action. The declaration loads no package and is all that help needs; the action may import whatever it needs.
 */
export const COMMANDS: readonly CommandEntry[] = [
  group("new", "create a project, or add a pattern to one", () => import("./commands/new.js")),
  command(
    "synth",
    "synthesize the app, or manifests, into cdktf.out",
    async () => (await import("./commands/synth.js")).synth,
    async () => (await import("./app/synth.js")).synthCommand,
  ),
  command(
    "validate",
    "validate YAML manifests",
    async () => (await import("./commands/validate.js")).validate,
    async () => (await import("./manifests/validate.js")).validateCommand,
  ),
  command(
    "schema",
    "print the JSON schema of a manifest",
    async () => (await import("./commands/schema.js")).schema,
    async () => (await import("./manifests/schema.js")).schemaCommand,
  ),
  command(
    "list",
    "show what was synthesized: stacks, namespaces, Workers",
    async () => (await import("./commands/list.js")).list,
    async () => (await import("./app/list.js")).listCommand,
  ),
  command(
    "plan",
    "show in words what an apply would do",
    async () => (await import("./commands/plan.js")).plan,
    async () => (await import("./deploy/plan.js")).planCommand,
  ),
  command(
    "apply",
    "deploy stacks or manifests, with OpenTofu or Terraform",
    async () => (await import("./commands/apply.js")).apply,
    async () => (await import("./deploy/apply.js")).applyCommand,
  ),
  command(
    "output",
    "print the outputs of what is deployed",
    async () => (await import("./commands/output.js")).output,
    async () => (await import("./deploy/output.js")).outputCommand,
  ),
  command(
    "destroy",
    "delete stacks with all their keys",
    async () => (await import("./commands/destroy.js")).destroy,
    async () => (await import("./deploy/destroy.js")).destroyCommand,
  ),
  group("previews", "find and remove previews that were left behind", () => import("./commands/previews.js")),
  command(
    "plan-guard",
    "refuse a plan that deletes protected names or namespaces with keys",
    async () => (await import("./commands/plan-guard.js")).planGuard,
    async () => (await import("./app/plan-guard.js")).planGuardCommand,
  ),
  command(
    "dev",
    "run a stack on this machine, without an account",
    async () => (await import("./commands/dev.js")).dev,
    async () => (await import("./dev/dev.js")).devCommand,
  ),
  command(
    "emulator",
    "serve Cloudflare's API on this machine",
    async () => (await import("./commands/emulator.js")).emulator,
    async () => (await import("./dev/emulator.js")).emulatorCommand,
  ),
  command(
    "seed",
    "write entries into namespaces, from files",
    async () => (await import("./commands/seed.js")).seed,
    async () => (await import("./data/seed.js")).seedCommand,
  ),
  command(
    "export",
    "export every entry of a namespace to a file",
    async () => (await import("./commands/export.js")).exportEntries,
    async () => (await import("./data/export.js")).exportCommand,
  ),
  command(
    "copy",
    "copy entries into another namespace",
    async () => (await import("./commands/copy.js")).copy,
    async () => (await import("./data/copy.js")).copyCommand,
  ),
  command(
    "report",
    "report what exists, how it is set up and what is missing",
    async () => (await import("./commands/report.js")).report,
    async () => (await import("./report/report.js")).reportCommand,
  ),
  command(
    "check",
    "run every check, of the stacks, of manifests, and against Cloudflare",
    async () => (await import("./commands/check.js")).check,
    async () => (await import("./report/check.js")).checkCommand,
  ),
  command(
    "doctor",
    "look for what is missing on this machine and at Cloudflare",
    async () => (await import("./commands/doctor.js")).doctor,
    async () => (await import("./report/doctor.js")).doctorCommand,
  ),
  command(
    "usage",
    "show operations, storage and quotas as Cloudflare measured them",
    async () => (await import("./commands/usage.js")).usage,
    async () => (await import("./report/usage.js")).usageCommand,
  ),
  command(
    "estimate",
    "estimate what KV costs, and which quota ends first",
    async () => (await import("./commands/estimate.js")).estimate,
    async () => (await import("./report/estimate.js")).estimateCommand,
  ),
  group("d1", "apply the migrations of D1 databases", () => import("./commands/d1.js")),
  command(
    "types",
    "declare what Workers find in env, as TypeScript",
    async () => (await import("./commands/types.js")).types,
    async () => (await import("./wrangler/types.js")).typesCommand,
  ),
  command(
    "adopt",
    "write EnvironmentSets for what an account has; nothing changes at Cloudflare",
    async () => (await import("./commands/adopt.js")).adopt,
    async () => (await import("./wrangler/adopt.js")).adoptCommand,
  ),
  group("import", "write an EnvironmentSet for what exists", () => import("./commands/import.js")),
  group("wrangler", "write configuration for wrangler", () => import("./commands/wrangler.js")),
  group("kv", "read and write single keys, manage namespaces", () => import("./commands/kv.js")),
  command(
    "completion",
    "print the completion script of a shell",
    async () => (await import("./commands/completion.js")).completion,
    async () => (await import("./completion/script.js")).completionCommand,
  ),
];
