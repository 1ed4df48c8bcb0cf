import type { ApiState, BindingRecord, VersionRecord, WorkerRecord } from "./records.js";

/** The versions that the last deployment gives traffic to, if they still exist. */
export function activeVersions({ deployments, versions }: WorkerRecord): ActiveVersion[] {
  return (deployments.at(-1)?.versions ?? []).flatMap(({ version_id, percentage }) => {
    const version = versions.find(({ id }) => id === version_id);
    return version === undefined ? [] : [{ version, percentage }];
  });
}

export interface ActiveVersion {
  readonly version: VersionRecord;
  readonly percentage: number;
}

/**
 * The version from which settings, code and kept bindings are read: the one with the most traffic, otherwise the
 * newest.
 */
export function currentVersion(worker: WorkerRecord): VersionRecord | undefined {
  const [first, ...others] = activeVersions(worker);
  if (first === undefined) return worker.versions.at(-1);
  return others.reduce((most, each) => (each.percentage > most.percentage ? each : most), first).version;
}

/** The names of Workers whose running code is bound to the namespace. */
export function boundTo({ workers }: ApiState, namespaceId: string): string[] {
  const isBound = ({ type, namespace_id: id }: BindingRecord) => type === "kv_namespace" && id === namespaceId;
  return workers
    .filter((worker) => activeVersions(worker).some(({ version }) => version.bindings.some(isBound)))
    .map(({ name }) => name);
}
