import { randomBytes, randomUUID } from "node:crypto";
import type { JsonObject } from "../../values/json.js";

/** The emulator's state apart from the data in KV and D1. Plain JSON: the file `state.json`. */
export interface ApiState {
  readonly version: 1;
  /** Ids of spare namespaces that workerd already has: creating a namespace with one needs no restart. */
  spareNamespaceIds: string[];
  /** How often everything was deleted. The data of R2 buckets, which this API does not create, is stored under this number. */
  resets: number;
  /** Ids of deleted namespaces whose data still exists. */
  discardedNamespaceIds: string[];
  namespaces: NamespaceRecord[];
  workers: WorkerRecord[];
  routes: RouteRecord[];
  domains: DomainRecord[];
  databases: DatabaseRecord[];
}

export interface NamespaceRecord {
  readonly account: string;
  readonly id: string;
  title: string;
  /** Something may have been written with an expiration: by the API, or by a Worker that was bound. */
  expires?: true;
}

/** A Worker, whichever of the two APIs created it. */
export interface WorkerRecord {
  readonly account: string;
  /** The tag: 32 hexadecimal digits. */
  readonly id: string;
  name: string;
  readonly createdOn: string;
  updatedOn: string;
  deployedOn: string | null;
  /** The fields that the Workers API received, such as observability and tags. */
  settings: JsonObject;
  /** The last upload by the scripts API. */
  upload?: UploadRecord;
  versions: VersionRecord[];
  /** The last is the active one. */
  deployments: DeploymentRecord[];
  subdomain: { enabled: boolean; previews_enabled: boolean };
  durableObjects?: DurableObjects;
  schedules: { cron: string; created_on: string; modified_on: string }[];
}

/** The Durable Object classes that migrations created, and the tag of the last migration. */
export interface DurableObjects {
  readonly tag?: string;
  readonly classes: readonly DurableObjectClass[];
}

export interface DurableObjectClass {
  readonly name: string;
  readonly sqlite: boolean;
  /** What its objects are stored under: it stays when the class is renamed, and a class of the same name gets another. */
  readonly id?: string;
}

/** Static assets: files by their path, and how they are served. */
export interface AssetsRecord {
  /** The hash of each path. */
  readonly files: Readonly<Record<string, string>>;
  readonly config: JsonObject;
}

export interface UploadRecord {
  readonly modifiedOn: string;
  /** The `metadata` part without bindings. */
  readonly metadata: JsonObject;
}

/** A binding as it was sent, including secrets, which the Worker needs. */
export type BindingRecord = JsonObject & { readonly name: string; readonly type: string };

export interface ModuleRecord {
  readonly name: string;
  readonly contentType: string;
  /** SHA-256 of the content, which is a file of that name. */
  readonly digest: string;
}

export interface VersionRecord {
  readonly id: string;
  readonly number: number;
  readonly createdOn: string;
  /** As it was sent, without modules and bindings. */
  readonly fields: JsonObject;
  readonly bindings: readonly BindingRecord[];
  readonly modules: readonly ModuleRecord[];
  readonly assets?: AssetsRecord;
}

export interface DeploymentRecord {
  readonly id: string;
  readonly createdOn: string;
  readonly annotations: JsonObject;
  readonly versions: readonly { readonly version_id: string; readonly percentage: number }[];
}

export interface RouteRecord {
  readonly zone: string;
  readonly id: string;
  pattern: string;
  script: string | null;
}

export interface DomainRecord {
  readonly account: string;
  readonly id: string;
  readonly hostname: string;
  service: string;
  readonly zone_id: string;
  readonly zone_name: string;
  readonly cert_id: string;
  environment?: string;
}

export interface DatabaseRecord {
  readonly account: string;
  readonly uuid: string;
  readonly name: string;
  readonly created_at: string;
  /** Its location and format, if they were sent. */
  options: JsonObject;
}

export const hexId = (): string => randomBytes(16).toString("hex");
export const uuid = (): string => randomUUID();

export function emptyState(): ApiState {
  return {
    version: 1,
    spareNamespaceIds: [],
    resets: 0,
    discardedNamespaceIds: [],
    namespaces: [],
    workers: [],
    routes: [],
    domains: [],
    databases: [],
  };
}
