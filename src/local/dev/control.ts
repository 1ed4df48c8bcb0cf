import { namespaceLabel, type Namespace, type Stack, type Worker } from "../../assembly/index.js";
import { CodedError } from "../../errors.js";
import { explorerPage } from "./explorer-page.js";
import { deleteEntry, getEntry, listKeys, putEntry, searchValues } from "./explorer.js";
import { exportEntries, importEntries } from "./explorer-files.js";
import type { StackAnswer } from "./explorer/answers.js";
import type { ReadSeeds } from "./seeds.js";
import type { EngineStore } from "../engine/store.js";
import type { ScheduledOutcome } from "../engine/engine.js";

/** Paths that belong to the tool and not to any Worker. */
export const CONTROL_PREFIX = "/cdn-cgi/cfkv/";

/** What runs when a request arrives. */
export interface ControlTarget {
  /** Undefined before the first stack runs. */
  readonly stack: Stack | undefined;
  readonly namespaces: readonly Namespace[];
  readonly workers: readonly Worker[];
  readonly store: (namespace: Namespace) => EngineStore;
  readonly scheduled: (worker: string, cron: string) => Promise<ScheduledOutcome>;
  readonly readSeeds: ReadSeeds;
}

interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly target: ControlTarget;
  /** Decoded, as the pattern's groups name them. */
  readonly params: Readonly<Record<string, string>>;
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (call: Call) => Response | Promise<Response>;
}

const ROUTES: readonly Route[] = [
  { method: "GET", path: /^$/, answer: page },
  { method: "GET", path: /^api\/namespaces$/, answer: listNamespaces },
  { method: "GET", path: /^api\/namespaces\/(?<namespace>[^/]+)\/keys$/, answer: onStore(listKeys) },
  { method: "GET", path: /^api\/namespaces\/(?<namespace>[^/]+)\/values\/(?<key>[^/]+)$/, answer: onStore(getEntry) },
  { method: "PUT", path: /^api\/namespaces\/(?<namespace>[^/]+)\/values\/(?<key>[^/]+)$/, answer: onStore(putEntry) },
  {
    method: "DELETE",
    path: /^api\/namespaces\/(?<namespace>[^/]+)\/values\/(?<key>[^/]+)$/,
    answer: onStore(deleteEntry),
  },
  { method: "POST", path: /^api\/namespaces\/(?<namespace>[^/]+)\/search$/, answer: onStore(searchValues) },
  {
    method: "GET",
    path: /^api\/namespaces\/(?<namespace>[^/]+)\/export$/,
    answer: onStore((store, { params }) => exportEntries(store, params["namespace"] ?? "")),
  },
  {
    method: "POST",
    path: /^api\/namespaces\/(?<namespace>[^/]+)\/import$/,
    answer: onStore((store, call) => importEntries(store, call, call.target.readSeeds)),
  },
  { method: "POST", path: /^cron\/(?<worker>[^/]+)$/, answer: triggerCron },
];

/** Handles the requests under {@link CONTROL_PREFIX}. */
export function controlHandler(target: () => ControlTarget): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    const path = url.pathname.slice(CONTROL_PREFIX.length);
    const matching = ROUTES.filter((route) => route.path.test(path));
    const route = matching.find(({ method }) => method === request.method);
    if (route === undefined) {
      if (matching.length === 0) return problem(404, `there is nothing at ${url.pathname}`);
      return problem(405, `use ${matching.map(({ method }) => method).join(" or ")}, got ${request.method}`);
    }
    try {
      const groups = Object.entries(route.path.exec(path)?.groups ?? {});
      const params = Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
      return await route.answer({ request, url, target: target(), params });
    } catch (error) {
      if (error instanceof CodedError) return problem(400, error.message);
      if (error instanceof URIError) return problem(400, "the path must be percent-encoded UTF-8");
      throw error;
    }
  };
}

/** An error in JSON, with what to do in its message. */
export function problem(status: number, message: string): Response {
  return Response.json({ problem: message }, { status });
}

function page(): Response {
  const { html, policy } = explorerPage();
  return new Response(html, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
  });
}

function listNamespaces({ target }: Call): Response {
  const { name, environment, developer } = target.stack ?? {};
  return Response.json({
    ...(name === undefined ? {} : { stack: name }),
    ...(environment === undefined ? {} : { environment }),
    ...(developer === undefined ? {} : { developer }),
    namespaces: target.namespaces.map((namespace) => ({
      id: namespaceLabel(namespace),
      bindings: namespace.bindingNames,
      ttlSeconds: namespace.ttlSeconds,
      ...(namespace.description === undefined ? {} : { description: namespace.description }),
    })),
  } satisfies StackAnswer);
}

function onStore(
  answer: (store: EngineStore, call: Call & { readonly key: string }) => Response | Promise<Response>,
): Route["answer"] {
  return async (call) => {
    const namespace = call.target.namespaces.find((each) => namespaceLabel(each) === call.params["namespace"]);
    if (namespace === undefined) return problem(404, `no namespace '${call.params["namespace"] ?? ""}' runs here`);
    return answer(call.target.store(namespace), { ...call, key: call.params["key"] ?? "" });
  };
}

async function triggerCron({ url, target, params }: Call): Promise<Response> {
  const worker = target.workers.find(({ name }) => name === params["worker"]);
  if (worker === undefined) return problem(404, `no Worker '${params["worker"] ?? ""}' runs here`);
  const cron = url.searchParams.get("cron") ?? worker.crons[0];
  if (cron === undefined) return problem(400, `Worker ${worker.name} has no cron: name one with ?cron=*/5+*+*+*+*`);
  const { outcome } = await target.scheduled(worker.name, cron);
  return Response.json({ worker: worker.name, cron, outcome }, { status: outcome === "ok" ? 200 : 500 });
}
