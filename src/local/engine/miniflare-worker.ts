import type { Request as LocalRequest, Response as LocalResponse } from "miniflare";
import type { MiniflareAssets } from "./assets.js";

/** Answers a Worker's request in this process. */
export type ServiceFunction = (request: LocalRequest) => Promise<LocalResponse>;

export type ServiceTarget = string | { readonly name: string; readonly entrypoint: string } | ServiceFunction;

/** A module in Miniflare's form. */
export interface MiniflareModuleFile {
  readonly type: string;
  readonly path: string;
  readonly contents: string | Uint8Array;
}

/** A Worker in Miniflare's form: the part of its options that is used here. */
export interface MiniflareWorker extends Partial<MiniflareBindings> {
  readonly name: string;
  /** The host that requests to other servers name as their origin. */
  readonly zone?: string;
  readonly modules?: true | readonly MiniflareModuleFile[];
  readonly modulesRoot?: string;
  readonly script?: string;
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  readonly assets?: MiniflareAssets;
  readonly queueConsumers?: Readonly<Record<string, MiniflareQueueConsumer>>;
  /** The Workers that follow this one's invocations. */
  readonly streamingTails?: readonly string[];
  readonly unsafeDirectSockets?: readonly { readonly host: string; readonly port: number }[];
}

/** Times in seconds. */
export interface MiniflareQueueConsumer {
  readonly maxBatchSize: number;
  readonly maxBatchTimeout: number;
  readonly maxRetries: number;
  readonly retryDelay?: number;
  readonly deadLetterQueue?: string;
}

/** The bindings of a Worker, by kind and name. */
export interface MiniflareBindings {
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly kvNamespaces: Readonly<Record<string, string>>;
  readonly d1Databases: Readonly<Record<string, string>>;
  readonly r2Buckets: Readonly<Record<string, string>>;
  readonly serviceBindings: Readonly<Record<string, ServiceTarget>>;
  readonly durableObjects: Readonly<
    Record<
      string,
      {
        readonly className: string;
        readonly useSQLite: boolean;
        readonly scriptName?: string;
        readonly unsafeUniqueKey?: string;
      }
    >
  >;
  readonly ratelimits: Readonly<
    Record<string, { readonly simple: { readonly limit: number; readonly period: 10 | 60 } }>
  >;
  readonly queueProducers: Readonly<Record<string, { readonly queueName: string }>>;
  readonly analyticsEngineDatasets: Readonly<Record<string, { readonly dataset: string }>>;
}
