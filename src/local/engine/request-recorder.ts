import type { MiniflareModule } from "./load-miniflare.js";
import type { ServiceFunction } from "./miniflare-worker.js";
import type { EngineRequest } from "./types.js";

/** Receives the router's record of each request. */
export function requestRecorder(
  { Response: LocalResponse }: MiniflareModule,
  onRequest: (entry: EngineRequest) => void,
): ServiceFunction {
  return async (request) => {
    onRequest((await request.json()) as EngineRequest);
    return new LocalResponse(null, { status: 204 });
  };
}
