/** Everything that runs, each time in full. The engine keeps the data of what is named again. */
export interface EngineConfig {
  readonly namespaces: readonly EngineNamespace[];
  readonly databases?: readonly EngineDatabase[];
  readonly workers: readonly EngineWorker[];
  /**
   * The Worker that answers requests to `localhost` and `127.0.0.1`, where no route, domain or name matches.
   *
   * @default - the only Worker there is, else such requests get 404
   */
  readonly defaultWorker?: string;
}

/** A KV namespace. Its data is kept under its id, so the same id is the same data after any change. */
export interface EngineNamespace {
  /** Any string that is unique: Cloudflare's id, or the title where there is no id yet. */
  readonly id: string;
}

/** A D1 database. Its data is kept under its id. */
export interface EngineDatabase {
  readonly id: string;
}

export interface EngineWorker {
  /** Letters, digits, `-` and `_`. It is reached at `http://<name>.localhost:<port>`. */
  readonly name: string;
  /** One version, or several whose percentages say how requests are split between them. */
  readonly versions: readonly EngineVersion[];
  /** Patterns as in Cloudflare: `example.com/api/*`, `*.example.com/*`. Matched against the `Host` header. */
  readonly routes?: readonly string[];
  /** The queues whose messages it gets. A queue has one such Worker. */
  readonly queues?: readonly EngineQueueConsumer[];
  /** Host names that belong to the Worker as a whole. A route on the same host is tried first. */
  readonly customDomains?: readonly string[];
}

/** How a Worker gets the messages of a queue. */
export interface EngineQueueConsumer {
  /** The queue's name. */
  readonly queue: string;
  /** @default 10 - as at Cloudflare */
  readonly batchSize?: number;
  /** Milliseconds that a batch may take to fill. @default 5000 - as at Cloudflare */
  readonly maxWaitMs?: number;
  /** @default 3 - as at Cloudflare */
  readonly maxRetries?: number;
  /** Seconds before a message is sent again. @default 0 */
  readonly retryDelay?: number;
  /** The queue that gets what failed too often. @default - it is dropped */
  readonly deadLetterQueue?: string;
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
  /** Absent: static assets alone. */
  readonly code?: EngineCode | undefined;
  readonly assets?: EngineAssets;
  /**
   * `YYYY-MM-DD`. Newer than the installed workerd: its own date is used, and a note says so.
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

/** A binding of a version. A kind the engine cannot run is `unsupported`: it is left out, and a note says so. */
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
  /** What is served where there is no file. */
  readonly notFoundHandling?: string;
  /** Whether the code runs before the files are tried: always, or for these paths (`!` before a path excludes it). */
  readonly runWorkerFirst?: boolean | readonly string[];
}

/** Something that behaves differently from Cloudflare, or does not run. For people to read; never an error. */
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
   * The folder the data is kept in; made readable by its owner only.
   *
   * @default - a temporary folder, removed by `dispose()`
   */
  readonly dataFolder?: string;
  /**
   * Who uses the data folder, named in the error that others get; a folder has one such owner at a time.
   *
   * @default - engines of this process share the folder, each with namespaces of its own
   */
  readonly owner?: string;
  /**
   * TCP port on 127.0.0.1 where the Workers answer.
   *
   * @default 0 - a free one, the same until `dispose()`
   */
  readonly port?: number;
  /**
   * Milliseconds that open requests may hold up a change of the configuration.
   *
   * @default 5000
   */
  readonly patienceMs?: number;
  /** What Workers print, and what workerd reports about them. */
  readonly onLog?: (entry: EngineLog) => void;
  /** Called for every request to a Worker, once it is answered. */
  readonly onRequest?: (entry: EngineRequest) => void;
  /**
   * Host names that stand for `localhost`, such as a tunnel's; `*` is any address in digits.
   *
   * @default - none
   */
  readonly hosts?: readonly string[];
}

export interface EngineLog {
  /** The method of `console`, such as `log`, `warn` or `error`. */
  readonly level: string;
  readonly message: string;
  /** An exception that a Worker threw and nobody caught, in `waitUntil` and timers too; with its stack. */
  readonly uncaught?: true;
}

export interface EngineRequest {
  readonly worker: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Milliseconds until the response's head. */
  readonly ms: number;
}
