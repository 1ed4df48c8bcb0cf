import { randomBytes, randomUUID } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../errors.js";
import type { AssetsRecord } from "./api/assets.js";
import type { JsonObject } from "./api/http.js";

/** What the emulator knows besides the data in KV and D1. Plain JSON: it is the file `state.json`. */
export interface ApiState {
  readonly version: 1;
  /** Ids the runtime has namespaces for that nobody has created yet: creating one needs no restart. */
  spareNamespaceIds: string[];
  /** Ids of deleted namespaces whose data is still there. */
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

/** A Worker, whichever of the two APIs it came by. */
export interface WorkerRecord {
  readonly account: string;
  /** The tag: 32 hexadecimal digits. */
  readonly id: string;
  name: string;
  readonly createdOn: string;
  updatedOn: string;
  deployedOn: string | null;
  /** What the Workers API was sent: observability, tags and so on. */
  settings: JsonObject;
  /** The last upload by the scripts API. */
  upload?: UploadRecord;
  versions: VersionRecord[];
  /** The last is the active one. */
  deployments: DeploymentRecord[];
  subdomain: { enabled: boolean; previews_enabled: boolean };
  schedules: { cron: string; created_on: string; modified_on: string }[];
}

export interface UploadRecord {
  readonly etag: string;
  readonly modifiedOn: string;
  /** The `metadata` part without bindings. */
  readonly metadata: JsonObject;
  readonly bindings: readonly BindingRecord[];
  readonly modules: readonly ModuleRecord[];
  readonly assets?: AssetsRecord;
}

/** A binding as it was sent, secrets included: the Worker needs them. */
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
  /** Where it lies and how it is read, as far as it was said. */
  options: JsonObject;
}

export const hexId = (): string => randomBytes(16).toString("hex");
export const uuid = (): string => randomUUID();

/** Keeps the state in a file that is whole at every moment: written beside it, flushed, then renamed. */
export class StateFile {
  readonly state: ApiState;
  readonly #path: string;
  #saving: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  private constructor(path: string, state: ApiState) {
    this.#path = path;
    this.state = state;
  }

  /** @throws InputError `STATE_UNREADABLE` when the file is there and is not one of ours. */
  static async open(folder: string): Promise<StateFile> {
    const path = join(folder, "state.json");
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    });
    return new StateFile(path, text === undefined ? emptyState() : parseState(text, path));
  }

  /** Writes the state as it is now, or a little later: returns when what the caller sees is on disk. */
  async save(): Promise<void> {
    this.#waiting ??= this.#saving
      .catch(() => undefined)
      .then(() => {
        this.#waiting = undefined;
        this.#saving = this.#write();
        return this.#saving;
      });
    await this.#waiting;
  }

  async #write(): Promise<void> {
    const beside = `${this.#path}.new`;
    const file = await open(beside, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(this.state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.#path);
  }
}

function emptyState(): ApiState {
  return {
    version: 1,
    spareNamespaceIds: [],
    discardedNamespaceIds: [],
    namespaces: [],
    workers: [],
    routes: [],
    domains: [],
    databases: [],
  };
}

function parseState(text: string, path: string): ApiState {
  try {
    const state = JSON.parse(text) as Partial<ApiState>;
    if (state.version === 1) return { ...emptyState(), ...state };
  } catch {
    // Told below, in the same words as a file of another version.
  }
  throw new InputError(
    "STATE_UNREADABLE",
    `the emulator's state ${path} is not readable by this version`,
    "name another folder with --persist, or delete this one",
  );
}
