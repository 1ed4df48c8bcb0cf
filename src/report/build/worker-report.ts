import { databaseLabel, namespaceLabel, type Binding, type Worker } from "../../assembly/index.js";
import type { WorkerReport } from "./model.js";

/** A Worker's configuration, without any value of a variable or a secret. */
export function workerReport(worker: Worker): WorkerReport {
  const { name, form, versions, accountId, crons } = worker;
  const newest = versions.at(-1);
  const shares = versions.filter(({ percentage }) => percentage > 0);
  return {
    name,
    deployment:
      form === "script"
        ? "all at once"
        : shares.map(({ message, logicalId, percentage }) => `${message ?? logicalId} ${percentage} %`).join(", "),
    ...(newest?.compatibilityDate === undefined ? {} : { compatibilityDate: newest.compatibilityDate }),
    compatibilityFlags: newest?.compatibilityFlags ?? [],
    urls: urlsOf(worker),
    crons,
    bindings: (newest?.bindings ?? []).map(bindingRow),
    ...(accountId === undefined
      ? {}
      : { dashboard: `https://dash.cloudflare.com/${accountId}/workers/services/view/${encodeURIComponent(name)}` }),
  };
}

function bindingRow(binding: Binding): WorkerReport["bindings"][number] {
  const { name } = binding;
  switch (binding.kind) {
    case "kv_namespace":
      return { name, kind: "KV namespace", target: namespaceLabel(binding.namespace) };
    case "d1":
      return { name, kind: "D1 database", target: databaseLabel(binding.database) };
    case "service":
      return { name, kind: "service", target: binding.worker };
    case "secret_text":
      return { name, kind: "secret" };
    case "plain_text":
    case "json":
      return { name, kind: "variable" };
    case "other":
      return { name, kind: binding.type };
  }
}

function urlsOf({ name, customDomains, routes, workersDev }: Worker): string[] {
  return [
    ...customDomains.map((host) => `https://${host}/`),
    ...routes.map((pattern) => (pattern.includes("://") ? pattern : `https://${pattern}`)),
    ...(workersDev ? [`https://${name}.<your subdomain>.workers.dev/`] : []),
  ];
}
