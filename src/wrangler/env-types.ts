import { resolve } from "node:path";
import type { Assembly, Binding, WorkerVersion } from "../assembly/index.js";
import { bindingKind } from "./binding-kinds.js";
import { markedBy } from "./generated-file.js";
import { pathFrom } from "./paths.js";
import { type Family, familiesOf, isKnown, type Member } from "./worker-family.js";

/** What the types are made from. */
export interface TypesInput {
  /** Of Workers that call each other, the sources of all are looked up here. */
  readonly assembly: Assembly;
  readonly families: readonly Family[];
  /** The folder that the app ran in, absolute. */
  readonly project: string;
  /** The folder of the declarations, absolute. */
  readonly target: string;
}

/** Declares what Workers find in `env`: of one Worker as `Env`, of several as `ApiEnv` and `JobsEnv`. */
export function envTypes(input: TypesInput): string {
  const { families } = input;
  const typer = new Typer(input);
  const [only] = families;
  const body =
    only !== undefined && families.length === 1
      ? [
          "declare namespace Cloudflare {",
          ...indented(typer.globalProps(only)),
          ...indented(typer.declare("Env", only)),
          "}",
          "interface Env extends Cloudflare.Env {}",
        ]
      : families.flatMap((family) => typer.declare(`${interfaceName(family.name)}Env`, family));
  return [markedBy("types"), "/* eslint-disable */", ...body, ""].join("\n");
}

class Typer {
  /** The module of each Worker whose source is known, by the Worker's name. */
  private readonly modules = new Map<string, string>();

  private readonly folders: Pick<TypesInput, "project" | "target">;

  constructor({ assembly, project, target }: TypesInput) {
    this.folders = { project, target };
    for (const { members } of familiesOf(assembly.stacks)) {
      for (const { worker, version } of members) {
        const entry = version.source?.entry;
        if (entry !== undefined) this.modules.set(worker.name, moduleOf(pathFrom(target, resolve(project, entry))));
      }
    }
  }

  /** What `ctx.exports` has, which Cloudflare's own types derive from the main module. */
  globalProps({ members }: Family): string[] {
    const [first] = members;
    const module = first && this.modules.get(first.worker.name);
    if (first === undefined || module === undefined) return [];
    const classes = new Set(first.version.bindings.flatMap((binding) => ownClass(binding)));
    const names = [...classes].map((name) => JSON.stringify(name)).join(" | ");
    return [
      "interface GlobalProps {",
      `  mainModule: typeof import(${JSON.stringify(module)});`,
      ...(classes.size > 0 ? [`  durableNamespaces: ${names};`] : []),
      "}",
    ];
  }

  /** An interface with the bindings of all environments; those that only some have are optional. */
  declare(name: string, { members }: Family): string[] {
    const types = new Map<string, Set<string>>();
    const counts = new Map<string, number>();
    for (const member of members) {
      for (const [at, binding] of member.version.bindings.entries()) {
        // The runtime library's own: no code is to read it.
        if (binding.name === "KV_DEFAULTS") continue;
        const known = types.get(binding.name) ?? new Set();
        types.set(binding.name, known.add(this.typeOf(binding, member, isKnown(member, at))));
        counts.set(binding.name, (counts.get(binding.name) ?? 0) + 1);
      }
    }
    const lines = [...types].map(([binding, found]) => {
      const isOptional = (counts.get(binding) ?? 0) < members.length;
      return `  ${propertyName(binding)}${isOptional ? "?" : ""}: ${[...found].join(" | ")};`;
    });
    return [`interface ${name} {`, ...lines, "}"];
  }

  private typeOf(binding: Binding, { worker, version }: Member, isValueKnown: boolean): string {
    switch (binding.kind) {
      case "kv_namespace":
        return this.namespaceType(binding.namespace.value);
      case "plain_text":
        return isValueKnown ? JSON.stringify(binding.text) : "string";
      case "json":
        return isValueKnown ? JSON.stringify(binding.json) : "unknown";
      case "secret_text":
        return "string";
      case "d1":
        return "D1Database";
      case "service":
        return this.serviceType(binding.worker, binding.entrypoint);
      case "other":
        return this.otherType(binding, worker.name, version);
    }
  }

  /** The type of values is a property that nothing has: `KvStore.fromEnv` reads it. */
  private namespaceType(value: string | undefined): string {
    if (value === undefined) return "KVNamespace";
    const [module = "", name = ""] = value.split("#");
    const { project, target } = this.folders;
    const from = module.startsWith(".") ? moduleOf(pathFrom(target, resolve(project, module))) : module;
    return `KVNamespace & { readonly "~value"?: import(${JSON.stringify(from)}).${name} }`;
  }

  private serviceType(worker: string, entrypoint: string | undefined): string {
    const module = this.modules.get(worker);
    if (module !== undefined) return `Service<typeof import(${JSON.stringify(module)}).${entrypoint ?? "default"}>`;
    return entrypoint === undefined ? `Fetcher ${note(worker)}` : `Service ${note(`${entrypoint} of ${worker}`)}`;
  }

  private otherType({ type, attributes }: Extract<Binding, { kind: "other" }>, worker: string, version: WorkerVersion) {
    if (type === "assets") return "Fetcher";
    const { class_name: className, script_name: script } = attributes;
    const owner = typeof script === "string" && script !== "" ? script : worker;
    const module = version.source === undefined && owner === worker ? undefined : this.modules.get(owner);
    const isClass = typeof className === "string" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(className);
    const source = module !== undefined && isClass ? `import(${JSON.stringify(module)}).${className}` : undefined;
    if (type === "durable_object_namespace") {
      return source === undefined
        ? `DurableObjectNamespace ${note(`${String(className)} of ${owner}`)}`
        : `DurableObjectNamespace<${source}>`;
    }
    if (type === "workflow" && source !== undefined) {
      return `Workflow<Parameters<${source}["run"]>[0]["payload"]>`;
    }
    return bindingKind(type)?.typeName ?? `unknown ${note(type)}`;
  }
}

function ownClass(binding: Binding): string[] {
  if (binding.kind !== "other" || binding.type !== "durable_object_namespace") return [];
  const { class_name: className, script_name: script } = binding.attributes;
  return typeof className === "string" && (script === undefined || script === null || script === "") ? [className] : [];
}

/** Names come from stacks, which may be anybody's: none may end the comment. */
function note(text: string): string {
  return `/* ${text.replaceAll(/[^\w .$-]/g, "?")} */`;
}

function moduleOf(path: string): string {
  const withoutExtension = path.replace(/\.[cm]?[jt]sx?$/, "");
  return withoutExtension.startsWith("../") ? withoutExtension : `./${withoutExtension}`;
}

/** `MAIN_API` and `main-api` as `MainApi`. */
function interfaceName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

function propertyName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
