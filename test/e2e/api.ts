import { request } from "node:http";
import type { Emulator } from "../../src/local/emulator/emulator.js";
import { StepFailed } from "./engines.js";

export const ACCOUNT = "00000000000000000000000000000001";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Talks to an emulator: to its API, and to the Workers that run in it. */
export class Api {
  constructor(private readonly emulator: Emulator) {}

  get baseUrl(): string {
    return this.emulator.baseUrl;
  }

  /** The namespaces of an account. */
  async namespaces(account = ACCOUNT): Promise<readonly { readonly id: string; readonly title: string }[]> {
    const path = `/accounts/${account}/storage/kv/namespaces?per_page=1000`;
    return (JSON.parse(await this.call("GET", path)) as { result: { id: string; title: string }[] }).result;
  }

  /** The id of the namespace with a title; undefined when there is none. */
  async idOf(title: string): Promise<string | undefined> {
    return (await this.namespaces()).find((namespace) => namespace.title === title)?.id;
  }

  async put(id: string, key: string, value: string, account = ACCOUNT): Promise<void> {
    await this.call("PUT", `/accounts/${account}/storage/kv/namespaces/${id}/values/${encodeURIComponent(key)}`, value);
  }

  /** The value of a key; undefined when the key or its namespace is not there. */
  async get(id: string, key: string): Promise<string | undefined> {
    const path = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${id}/values/${encodeURIComponent(key)}`;
    const { status, text } = await this.#send("127.0.0.1", "GET", path);
    return status === 200 ? text : undefined;
  }

  /** What the API answers to a request that must succeed. */
  async call(method: string, path: string, body?: string | FormData): Promise<string> {
    const answer = await this.#send("127.0.0.1", method, `/client/v4${path}`, body);
    if (answer.status === 200) return answer.text;
    throw new StepFailed(`${method} ${path} was answered ${answer.status}: ${answer.text}`);
  }

  /** What a Worker answers, or why it does not: then the status is 0. */
  visit(worker: string): Promise<Answer> {
    return this.#send(`${worker}.localhost`, "GET", "/").catch((error: unknown) => ({
      status: 0,
      text: String(error),
    }));
  }

  /** What a Worker answers, which must be a success. */
  async read(worker: string): Promise<string> {
    const { status, text } = await this.visit(worker);
    if (status === 200) return text;
    throw new StepFailed(`Worker ${worker} answered ${status}: ${text}`);
  }

  async #send(host: string, method: string, path: string, body?: string | FormData): Promise<Answer> {
    const content = body === undefined ? undefined : new Response(body);
    const type = content?.headers.get("content-type");
    const bytes = content === undefined ? undefined : Buffer.from(await content.arrayBuffer());
    const { port } = new URL(this.emulator.url);
    const headers = { host, authorization: "Bearer e2e", ...(type != null && { "content-type": type }) };
    return new Promise((resolve, reject) => {
      // A connection each: one that is kept may be closed by the other side as the next request leaves.
      request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      })
        .on("error", reject)
        .end(bytes);
    });
  }
}
