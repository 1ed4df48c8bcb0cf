import { request as httpRequest } from "node:http";
import type { Emulator } from "../../../src/local/emulator/emulator.js";

export const ACCOUNT = "00000000000000000000000000000001";
export const KV = `/accounts/${ACCOUNT}/storage/kv/namespaces`;
export const SCRIPTS = `/accounts/${ACCOUNT}/workers/scripts`;

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
  /** The body as JSON. */
  readonly json: { result: never; result_info: never; errors: { code: number; message: string }[] };
}

export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request by the plainest client there is: path and headers go out exactly as given. */
export async function call(
  emulator: Pick<Emulator, "url">,
  method: string,
  path: string,
  sent: Sent = {},
): Promise<Answer> {
  const { port } = new URL(emulator.url);
  const { body } = sent;
  const raw = typeof body === "string" || body instanceof Uint8Array;
  const payload = body === undefined ? undefined : raw ? body : JSON.stringify(body);
  const headers = { authorization: "Bearer any-token", ...sent.headers };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const all = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: all,
          get json() {
            return JSON.parse(all.toString()) as Answer["json"];
          },
        });
      });
    });
    request.on("error", reject);
    request.end(payload);
  });
}

/** The same below `/client/v4`. */
export function api(emulator: Emulator, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  return call(emulator, method, `/client/v4${path}`, sent);
}

/** Creates a namespace. @returns its id */
export async function createNamespace(emulator: Emulator, title: string): Promise<string> {
  const { json } = await api(emulator, "POST", KV, { body: { title } });
  return (json.result as { id: string }).id;
}

/** Uploads a Worker of one module. */
export async function uploadWorker(
  emulator: Emulator,
  name: string,
  script: string,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const form = new FormData();
  form.set("metadata", JSON.stringify({ main_module: "index.js", compatibility_date: "2026-01-15", ...metadata }));
  form.set("index.js", new Blob([script], { type: "application/javascript+module" }), "index.js");
  const encoded = new Response(form);
  return api(emulator, "PUT", `${SCRIPTS}/${name}`, {
    body: new Uint8Array(await encoded.arrayBuffer()),
    headers: { "content-type": encoded.headers.get("content-type") ?? "" },
  });
}

/** Calls a Worker by a host name of its own. */
export function callWorker(
  emulator: Emulator,
  host: string,
  path = "/",
  sent: Sent & { method?: string } = {},
): Promise<Answer> {
  return call(emulator, sent.method ?? "GET", path, { ...sent, headers: { ...sent.headers, host } });
}

/** Creates something. @returns its id */
export async function create(emulator: Emulator, path: string, body: unknown): Promise<string> {
  const answer = await api(emulator, "POST", path, { body });
  expect({ path, status: answer.status, text: answer.body.toString() }).toMatchObject({ path, status: 200 });
  return (answer.json.result as { id: string }).id;
}

/** The body of a deployment of versions. */
export function deployment(...versions: [id: string, percentage: number][]): object {
  return { strategy: "percentage", versions: versions.map(([version_id, percentage]) => ({ version_id, percentage })) };
}
