import type { QueueConsumer } from "../../assembly/model.js";
import type { UsageCount } from "./usage-count.js";

/** Everything that should run, always in full. The engine keeps the data of namespaces and databases that stay. */
export interface EngineConfig {
  readonly namespaces: readonly EngineNamespace[];
  readonly databases?: readonly EngineDatabase[];
  readonly workers: readonly EngineWorker[];
  /**
   * The Worker that answers requests to `localhost` and `127.0.0.1`, where no route, domain or name matches.
   *
   * @default - the only Worker if there is one, otherwise such requests get 404
   */
  readonly defaultWorker?: string;
}

/** A KV namespace. Its data is kept under its id, so the same id has the same data after any change. */
export interface EngineNamespace {
  /** Any unique string: Cloudflare's id, or the title if there is no id yet. */
  readonly id: string;
}

/** A D1 database. Its data is kept under its id. */
export interface EngineDatabase {
  readonly id: string;
}

export interface EngineWorker {
  /** Letters, digits, `-` and `_`. It is reached at `http://<name>.localhost:<port>`. */
  readonly name: string;
  /** One version, or several that share the requests by their percentages. */
  readonly versions: readonly EngineVersion[];
  /** Patterns as in Cloudflare: `example.com/api/*`, `*.example.com/*`. Matched against the `Host` header. */
  readonly routes?: readonly string[];
  /** The queues whose messages it gets. A queue has one such Worker. */
  readonly queues?: readonly QueueConsumer[];
  /** Host names that belong to the Worker as a whole. A route on the same host is tried first. */
  readonly customDomains?: readonly string[];
}

export interface EngineVersion {
  /** Unique within the Worker. */
  readonly id: string;
  /**
   * Share of the requests, in percent. The shares of a Worker's versions count relative to each other.
   *
   * @default 100
   */
  readonly percentage?: number;
  /** Absent: static assets only. */
  readonly code?: EngineCode | undefined;
  readonly assets?: EngineAssets;
  /**
   * `YYYY-MM-DD`. If it is newer than the installed workerd, workerd's own date is used, with a note.
   *
   * @default - workerd's oldest behaviour, as on Cloudflare
   */
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  readonly bindings?: readonly EngineBinding[];
}

/** ES modules, the first of which is the entry, or a script in service-worker syntax. */
export type EngineCode = { readonly modules: readonly EngineModule[] } | { readonly serviceWorker: string };

export interface EngineModule {
  /** The name other modules import it by, such as `index.js`. */
  readonly name: string;
  readonly content: string | Uint8Array;
  /** @default "esm" */
  readonly type?: "esm" | "commonjs" | "text" | "data" | "wasm" | "python";
}

/** A binding of a version. A kind that the engine cannot run is `unsupported`: it is left out, with a note. */
export type EngineBinding =
  | { readonly type: "kv_namespace"; readonly name: string; readonly namespaceId: string }
  | { readonly type: "plain_text" | "secret_text"; readonly name: string; readonly text: string }
  | { readonly type: "json"; readonly name: string; readonly json: unknown }
  | { readonly type: "d1"; readonly name: string; readonly databaseId: string }
  | { readonly type: "service"; readonly name: string; readonly service: string; readonly entrypoint?: string }
  | { readonly type: "version_metadata"; readonly name: string; readonly tag?: string; readonly timestamp?: string }
  | {
      readonly type: "ratelimit";
      readonly name: string;
      readonly limit: number;
      /** Seconds. */
      readonly period: 10 | 60;
    }
  | { readonly type: "analytics_engine"; readonly name: string; readonly dataset: string }
  | { readonly type: "queue"; readonly name: string; readonly queueName: string }
  | { readonly type: "r2_bucket"; readonly name: string; readonly bucketName: string }
  | {
      readonly type: "durable_object_namespace";
      readonly name: string;
      readonly className: string;
      readonly scriptName?: string;
      /**
       * What the objects are stored under.
       *
       * @default - the Worker's name and the class's
       */
      readonly storage?: string;
    }
  /** The static assets of the version itself. */
  | { readonly type: "assets"; readonly name: string }
  | { readonly type: "unsupported"; readonly name: string; readonly kind: string };

/** Files that are served beside a Worker's code. */
export interface EngineAssets {
  /** Absolute path. `_headers` and `_redirects` in it apply. */
  readonly directory: string;
  /** How paths map to HTML files. */
  readonly htmlHandling?: string;
  /** What is served if there is no file. */
  readonly notFoundHandling?: string;
  /** Whether the code runs before files are served: always, or for these paths (`!` before a path excludes it). */
  readonly runWorkerFirst?: boolean | readonly string[];
}

/** A difference from Cloudflare, or something that does not run. A message for users, never an error. */
export interface EngineNote {
  readonly code:
    | "COMPATIBILITY_DATE_CLAMPED"
    | "BINDING_NOT_EMULATED"
    | "BINDING_TARGET_MISSING"
    | "ASSETS_NOT_SERVED"
    | "QUEUE_NOT_CONSUMED";
  readonly worker: string;
  readonly message: string;
}

export interface EngineOptions {
  /**
   * The folder for the data; readable by its owner only.
   *
   * @default - a temporary folder, removed by `dispose()`
   */
  readonly dataFolder?: string;
  /**
   * The name of the data folder's owner, for the error that others get; a folder has one such owner at a time.
   *
   * @default - engines of this process share the folder, each with namespaces of its own
   */
  readonly owner?: string;
  /**
   * TCP port on 127.0.0.1 of the Workers.
   *
   * @default 0 - a free one, the same until `dispose()`
   */
  readonly port?: number;
  /**
   * How many milliseconds open requests may delay a change of the configuration.
   *
   * @default 5000
   */
  readonly patienceMs?: number;
  /** Called with what Workers print and what workerd reports about them. */
  readonly onLog?: (entry: EngineLog) => void;
  /**
   * Called with what Workers have done with namespaces since the last time: on {@link Engine.takeUsage}, before the
   * configuration changes and at the end.
   *
   * @default - it is not counted, and bindings lead to their namespaces directly
   */
  readonly onUsage?: (counts: readonly UsageCount[]) => void;
  /** Called for every request to a Worker, once it is answered. */
  readonly onRequest?: (entry: EngineRequest) => void;
  /**
   * Host names that are treated like `localhost`, such as a tunnel's; `*` means any IP address.
   *
   * @default - none
   */
  readonly hosts?: readonly string[];
}

export interface EngineLog {
  /** The method of `console`, such as `log`, `warn` or `error`. */
  readonly level: string;
  readonly message: string;
  /** An uncaught exception of a Worker, also in `waitUntil` and timers, with its stack. */
  readonly uncaught?: true;
}

export interface EngineRequest {
  readonly worker: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Milliseconds until the response headers. */
  readonly ms: number;
  /**
   * KV operations that the Worker began before it responded. Those of Workers that it calls are not among them.
   *
   * @default - absent when the Worker has no namespaces, or its code did not run
   */
  readonly kvOperations?: number;
}
