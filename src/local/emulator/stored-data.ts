import type { KeptData } from "../engine/data-folder.js";
import type { ApiState, WorkerRecord } from "./records.js";

/** What the data of a Worker's bindings is stored under. */
export interface StorageNames {
  readonly bucket: (name: string) => string;
  /** @returns undefined for a class of a state written by an earlier version */
  readonly objects: (className: string, script: string | undefined) => string | undefined;
}

/**
 * Objects are stored under the class's id, so that a renamed class keeps them, and a Worker that is deleted and uploaded
 * again does not find them. A bucket has no owner here: after a reset it has another name.
 *
 * @param suffix - added to what the Worker's own objects are stored under
 */
export function storageOf(state: ApiState, worker: WorkerRecord, suffix: string): StorageNames {
  return {
    bucket: (name) => bucketName(name, state),
    objects: (className, script) => {
      const own = script === undefined || script === worker.name;
      const owner = own
        ? worker
        : state.workers.find((each) => each.account === worker.account && each.name === script);
      const id = owner?.durableObjects?.classes.find(({ name }) => name === className)?.id;
      return id === undefined ? undefined : `${id}${own ? suffix : ""}`;
    },
  };
}

/** Everything that is stored besides namespaces and can still be reached. */
export function keptData(state: ApiState): KeptData {
  return {
    databases: state.databases.map(({ uuid }) => uuid),
    keepsBucket: (name) => name === bucketName(name.replace(/\.\d+$/, ""), state),
    objects: state.workers.flatMap(({ durableObjects }) => durableObjects?.classes.flatMap(({ id }) => id ?? []) ?? []),
  };
}

/** The blobs that hold the code and the assets of a version. */
export function keptBlobs({ workers }: ApiState): Set<string> {
  const versions = workers.flatMap((worker) => worker.versions);
  return new Set(
    versions.flatMap(({ modules, assets }) => [
      ...modules.map(({ digest }) => digest),
      ...Object.values(assets?.files ?? {}).map((hash) => `asset-${hash}`),
    ]),
  );
}

/** No bucket's name has a dot. */
const bucketName = (name: string, { resets }: ApiState): string => (resets === 0 ? name : `${name}.${resets}`);
