import type { MiniflareModule } from "./load-miniflare.js";
import type { RouterServices, ServiceFunction } from "./miniflare-options.js";
import type { EngineOptions, EngineRequest } from "./types.js";

/** What the router in the runtime calls in this process: the control pages, and the record of requests. */
export function routerServices({ Response: LocalResponse }: MiniflareModule, options: EngineOptions): RouterServices {
  const { control, onRequest } = options;
  const answer: ServiceFunction = async (request) => {
    const { method, url, headers } = request;
    const sent = method === "GET" || method === "HEAD" ? null : await request.arrayBuffer();
    const response = await control?.handle(new Request(url, { method, headers: [...headers], body: sent }));
    const body = response === undefined ? null : new Uint8Array(await response.arrayBuffer());
    return new LocalResponse(body, { status: response?.status ?? 404, headers: [...(response?.headers ?? [])] });
  };
  const record: ServiceFunction = async (request) => {
    onRequest?.((await request.json()) as EngineRequest);
    return new LocalResponse(null, { status: 204 });
  };
  return {
    ...(control === undefined ? {} : { control: { prefix: control.prefix, service: answer } }),
    ...(onRequest === undefined ? {} : { requests: record }),
  };
}
