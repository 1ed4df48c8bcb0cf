import { CodedError, ValidationError } from "../errors.js";
import { type Manifest, placeOf } from "../manifest/index.js";
import { accountOf, type DefineOptions } from "./define-options.js";

/** Runs work on a document's constructs; their errors become problems of the document. */
export function attempt<T>(manifest: Manifest, define: () => T): T | undefined {
  try {
    return define();
  } catch (error) {
    // cdktf throws plain errors, for example for two constructs of one name; anything else is a bug.
    if (!(error instanceof CodedError) && !isPlain(error)) throw error;
    const messages = error instanceof ValidationError ? error.problems : [error.message];
    const construct = error instanceof ValidationError ? error.where : "";
    for (const message of messages) {
      placeOfProblem(manifest, message, construct).report({ code: "INVALID_PROPS", message });
    }
    return undefined;
  }
}

function isPlain(error: unknown): error is Error {
  return error instanceof Error && error.name === "Error";
}

/**
 * A construct's message begins with the prop it is about, after the environment and the Worker that it may name: the
 * finding points there. What an environment says comes before what it inherits.
 */
function placeOfProblem(manifest: Manifest, message: string, construct: string): ReturnType<typeof placeOf> {
  const named = /environment '([^']+)'/.exec(message)?.[1];
  const [, stack = "", id] = /at '([^/']+)(?:\/[^']*)?\/([^/']+)'$/.exec(construct) ?? [];
  const worker = id ?? /workers? '([^']+)'/.exec(message)?.[1];
  const isHere = ([path]: Candidate): boolean => stack.endsWith(`-${String(path[2])}`) && path[1] === "environments";
  const all = objectsOf(manifest);
  const ofWorker = all.filter(([path]) => path.at(-2) === "workers" && path.at(-1) === worker);
  const others = ofWorker.length > 0 ? all : all.filter(([path]) => path.at(-2) !== "workers");
  const candidates = [...ofWorker.filter(isHere), ...ofWorker, ...others.filter(isHere), ...others];
  const own = candidates.find(([path]) => path[1] === "environments" && path.length === 3 && path[2] === named);
  const ownFirst = own === undefined ? candidates : [...ofWorker, own];
  const subject = message.replace(/^environment '[^']*': (?:workers? '[^']*': )?/, "");
  for (const [path, object] of ownFirst) {
    const field = Object.keys(object).find((name) => isAbout(subject, name));
    if (field !== undefined) return placeOf(manifest, ...path, field);
  }
  return placeOf(manifest, ...(own?.[0] ?? ["spec"]));
}

type Candidate = readonly [Path, object];
type Path = readonly (string | number)[];

/** The mappings of a document whose fields are props of constructs. */
function objectsOf(manifest: Manifest): Candidate[] {
  switch (manifest.kind) {
    case "EnvironmentSet": {
      const { spec } = manifest.value;
      const environments = Object.entries(spec.environments);
      return [
        [["spec", "worker"], spec.worker ?? {}],
        ...Object.entries(spec.workers ?? {}).map(([key, worker]): [Path, object] => [
          ["spec", "workers", key],
          worker,
        ]),
        ...environments.map(([name, { worker = {} }]): [Path, object] => [
          ["spec", "environments", name, "worker"],
          worker === false ? {} : worker,
        ]),
        ...environments.flatMap(([name, { workers = {} }]) =>
          Object.entries(workers).map(([key, worker]): [Path, object] => [
            ["spec", "environments", name, "workers", key],
            worker === false ? {} : worker,
          ]),
        ),
        ...environments.map(([name, environment]): [Path, object] => [["spec", "environments", name], environment]),
        [["spec"], spec],
      ];
    }
    case "workers_kv":
      return manifest.value.resources.flatMap((resource, index): [Path, object][] => [
        [["resources", index, "config"], resource.config],
        ...(resource.type === "cloudflare_worker" ? [[["resources", index], { name: "" }] as [Path, object]] : []),
      ]);
    case "CloudflareKvNamespace":
      return [[["spec"], manifest.value.spec]];
    case "CloudflareCredential":
    case "Kustomization":
      return [];
  }
}

/** Whether the beginning of a message is about a field: `route pattern must …` of `routes`. */
function isAbout(message: string, field: string): boolean {
  const [subject = ""] = message.split(/must|could|has|cannot|differs|'/);
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const name = field === "main" ? "code" : field === "name" ? "workername" : field;
  return (
    plain(subject).startsWith(plain(name).replace(/s$/, "")) ||
    plain(subject).startsWith(`a${plain(name).replace(/s$/, "")}`)
  );
}

/** Reports every document that needs an account and has none. */
export function reportMissingAccounts(manifests: readonly Manifest[], options: DefineOptions): void {
  for (const manifest of manifests) {
    if (manifest.isValid && needsAccount(manifest, options)) {
      const message = `no account id is known: set CLOUDFLARE_ACCOUNT_ID, pass --account-id, or ${OWN[manifest.kind]}`;
      placeOf(manifest, ...WHERE[manifest.kind]).report({ code: "MISSING_ACCOUNT_ID", message });
    }
  }
}

const OWN: Readonly<Record<Manifest["kind"], string>> = {
  CloudflareKvNamespace: "annotate the namespace with cdktf-cloudflare-kv/account-id",
  EnvironmentSet: "set accountId under spec",
  workers_kv: "set account_id beside project_name",
  CloudflareCredential: "",
  Kustomization: "",
};

const WHERE: Readonly<Record<Manifest["kind"], readonly string[]>> = {
  CloudflareKvNamespace: ["spec", "namespaceName"],
  EnvironmentSet: ["spec"],
  workers_kv: ["projectName"],
  CloudflareCredential: [],
  Kustomization: [],
};

function needsAccount(manifest: Manifest, options: DefineOptions): boolean {
  switch (manifest.kind) {
    case "CloudflareKvNamespace":
      return accountOf(manifest.value.metadata.annotations?.["cdktf-cloudflare-kv/account-id"], options) === undefined;
    case "workers_kv":
      return accountOf(manifest.value.accountId, options) === undefined;
    case "EnvironmentSet": {
      const { accountId, environments } = manifest.value.spec;
      return Object.values(environments).some(
        (environment) => accountOf(environment.accountId ?? accountId, options) === undefined,
      );
    }
    case "CloudflareCredential":
    case "Kustomization":
      return false;
  }
}
