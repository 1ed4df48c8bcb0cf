import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a stored key holds. */
export interface StoredEntry {
  readonly value: Buffer;
  readonly metadata?: unknown;
  readonly expiration?: number;
}

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Below `/client/v4`, still escaped, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** What goes wrong with one request. */
export type Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection ends without an answer: before the request was served, or after. */
  | { readonly kind: "drop"; readonly served: boolean }
  /** The connection ends in the middle of the answer. */
  | { readonly kind: "cut" }
  /** A bulk request leaves these keys out, and says so. */
  | { readonly kind: "partial"; readonly fails: (key: string) => boolean }
  /** A page of keys is empty though it is not the last, or begins again with keys of the page before it. */
  | { readonly kind: "page"; readonly page: "empty" | "overlapping" }
  /** The request is served, and the answer claims success without showing it. */
  | { readonly kind: "malformed"; readonly body: string };

/** A loopback HTTP server that keeps namespaces in memory and can be told to fail. */
export interface KvApiServer {
  readonly baseUrl: string;
  readonly requests: SeenRequest[];
  /** By id. */
  readonly namespaces: Map<string, { title: string; entries: Map<string, StoredEntry> }>;
  /** Bindings of each Worker: namespace ids by name. */
  readonly workers: Map<string, Record<string, string>>;
  fault: (request: SeenRequest) => Fault | undefined;
  /** Most keys of a page; a request may ask for fewer. */
  pageSize: number;
  addNamespace(title: string, entries?: Readonly<Record<string, string>>): string;
  close(): Promise<void>;
}

/** Starts the server; the caller closes it. */
export async function startKvApiServer(): Promise<KvApiServer> {
  const api = new KvApi();
  const server = createServer((request, response) => void api.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(api, {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`,
    close: () => closeServer(server),
  });
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

interface Answer {
  readonly status?: number;
  readonly result?: unknown;
  readonly info?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
  readonly bytes?: Buffer;
}

class KvApi {
  readonly requests: SeenRequest[] = [];
  readonly namespaces: KvApiServer["namespaces"] = new Map();
  readonly workers: KvApiServer["workers"] = new Map();
  fault: KvApiServer["fault"] = () => undefined;
  pageSize = 1000;
  private ids = 0;
  private cursors = 0;

  addNamespace(title: string, entries: Readonly<Record<string, string>> = {}): string {
    const id = (++this.ids).toString(16).padStart(32, "0");
    const stored = Object.entries(entries).map(([key, value]) => [key, { value: Buffer.from(value) }] as const);
    this.namespaces.set(id, { title, entries: new Map(stored) });
    return id;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const seen: SeenRequest = {
      method: request.method ?? "",
      path: url.pathname.replace(/^\/client\/v4/, ""),
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    this.requests.push(seen);
    const fault = this.fault(seen);
    if (fault?.kind === "answer") {
      response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
      response.end(fault.body ?? JSON.stringify({ success: false, errors: [{ code: 10100, message: "injected" }] }));
      return;
    }
    if (fault?.kind === "drop" && !fault.served) {
      request.socket.destroy();
      return;
    }
    const answer = await this.answer(seen, fault);
    if (fault?.kind === "malformed") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(fault.body);
      return;
    }
    if (fault?.kind === "drop") {
      request.socket.destroy();
      return;
    }
    const { status = answer.error === undefined ? 200 : 400, result = null, info, error, bytes } = answer;
    const envelope = {
      success: error === undefined,
      errors: error ? [error] : [],
      messages: [],
      result,
      result_info: info,
    };
    const body = bytes ?? Buffer.from(JSON.stringify(envelope));
    response.writeHead(status, {
      "content-type": bytes ? "application/octet-stream" : "application/json",
      "content-length": body.length,
    });
    if (fault?.kind !== "cut") response.end(body);
    else response.write(body.subarray(0, body.length / 2), () => request.socket.destroy());
  }

  private async answer(request: SeenRequest, fault: Fault | undefined): Promise<Answer> {
    const fails = fault?.kind === "partial" ? fault.fails : () => false;
    const { method, path, query } = request;
    if (request.headers.authorization !== "Bearer test-token") {
      return { status: 403, error: { code: 9109, message: "Invalid access token" } };
    }
    if (path === "/user/tokens/verify") return { result: { id: "t", status: "active" } };
    const [, account, ...parts] = path.split("/").slice(1);
    if (account === undefined) return notFound;
    if (parts[0] === "workers") return this.worker(parts.slice(2));
    const [id, part, ...rest] = parts.slice(3);
    if (id === undefined) return method === "POST" ? this.create(json(request)) : this.list(query);
    const namespace = this.namespaces.get(id);
    if (namespace === undefined) return { status: 404, error: { code: 10013, message: "namespace not found" } };
    const { entries } = namespace;
    const now = Math.floor(Date.now() / 1000);
    for (const [key, { expiration }] of entries) if ((expiration ?? Infinity) <= now) entries.delete(key);
    switch (`${method} ${[part, ...(part === "bulk" ? rest : [])].join("/")}`) {
      case "PUT ":
        namespace.title = (json(request) as { title: string }).title;
        return { result: { id, title: namespace.title } };
      case "DELETE ":
        this.namespaces.delete(id);
        return {};
      case "GET keys":
        return this.keysPage(entries, query, fault?.kind === "page" ? fault.page : undefined);
      case "GET values":
      case "GET metadata":
        return read(entries.get(decodeURIComponent(rest[0] ?? "")), part === "metadata");
      case "PUT values":
        entries.set(decodeURIComponent(rest[0] ?? ""), await written(request));
        return {};
      case "DELETE values":
        return entries.delete(decodeURIComponent(rest[0] ?? "")) ? {} : notFound;
      case "PUT bulk":
        return bulkPut(entries, json(request) as ApiPair[], fails, now, request.body.length);
      case "POST bulk/delete":
        return bulkDelete(entries, json(request) as string[], fails);
      case "POST bulk/get":
        return bulkGet(entries, json(request) as { keys: string[] });
      default:
        return notFound;
    }
  }

  private keysPage(
    entries: Map<string, StoredEntry>,
    query: URLSearchParams,
    odd: "empty" | "overlapping" | undefined,
  ): Answer {
    const limit = Math.min(this.pageSize, Number(query.get("limit") ?? 1000));
    const prefix = query.get("prefix") ?? "";
    const [position = ""] = (query.get("cursor") ?? "").split("~");
    const after = Buffer.from(position, "base64");
    const names = [...entries.keys()].filter((name) => name.startsWith(prefix)).map((name) => Buffer.from(name));
    names.sort((a, b) => a.compare(b));
    const rest = names.findIndex((name) => name.compare(after) > 0);
    const first = rest === -1 ? names.length : odd === "overlapping" ? Math.max(0, rest - 3) : rest;
    const page = odd === "empty" ? [] : names.slice(first, first + limit);
    const isLast = odd !== "empty" && first + limit >= names.length;
    // No two cursors are the same, even for the same place.
    const cursor = isLast ? "" : `${page.at(-1)?.toString("base64") ?? position}~${++this.cursors}`;
    const result = page.map(String).map((name) => {
      const { expiration, metadata } = entries.get(name) ?? {};
      return { name, expiration, metadata };
    });
    return { result, info: { count: result.length, cursor } };
  }

  private create(body: unknown): Answer {
    const { title } = body as { title: string };
    if ([...this.namespaces.values()].some((each) => each.title === title)) {
      return { error: { code: 10014, message: "a namespace with this account ID and title already exists" } };
    }
    return { result: { id: this.addNamespace(title), title, supports_url_encoding: true } };
  }

  private list(query: URLSearchParams): Answer {
    const [page, size] = [Number(query.get("page") ?? 1), Math.min(20, Number(query.get("per_page") ?? 20))];
    const all = [...this.namespaces]
      .map(([id, { title }]) => ({ id, title }))
      .sort((a, b) => (a.title < b.title ? -1 : 1));
    return {
      result: all.slice((page - 1) * size, page * size),
      info: { page, per_page: size, total_count: all.length },
    };
  }

  private worker([name]: string[]): Answer {
    if (name === undefined) return { result: [...this.workers.keys()].map((id) => ({ id })) };
    const bindings = Object.entries(this.workers.get(decodeURIComponent(name)) ?? {});
    return {
      result: {
        bindings: bindings.map(([binding, id]) => ({ type: "kv_namespace", name: binding, namespace_id: id })),
      },
    };
  }
}

interface ApiPair {
  readonly key: string;
  readonly value: string;
  readonly base64?: boolean;
  readonly expiration?: number;
  readonly expiration_ttl?: number;
  readonly metadata?: unknown;
}

const notFound: Answer = { status: 404, error: { code: 10009, message: "get: 'key not found'" } };

function json(request: SeenRequest): unknown {
  return JSON.parse(request.body.toString());
}

function read(entry: StoredEntry | undefined, metadata: boolean): Answer {
  if (entry === undefined) return notFound;
  return metadata ? { result: entry.metadata ?? null } : { bytes: entry.value };
}

async function written(request: SeenRequest): Promise<StoredEntry> {
  const type = request.headers["content-type"] ?? "";
  const ttl = request.query.get("expiration_ttl");
  const expiration = ttl === null ? request.query.get("expiration") : Math.floor(Date.now() / 1000) + Number(ttl);
  const expires = expiration === null ? {} : { expiration: Number(expiration) };
  if (!type.startsWith("multipart/")) return { value: request.body, ...expires };
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- discouraged for servers that strangers reach; this is none
  const form = await new Response(request.body, { headers: { "content-type": type } }).formData();
  const value = Buffer.from(await (form.get("value") as Blob).arrayBuffer());
  return { value, metadata: JSON.parse(form.get("metadata") as string) as unknown, ...expires };
}

function bulkPut(
  entries: Map<string, StoredEntry>,
  pairs: readonly ApiPair[],
  fails: (key: string) => boolean,
  now: number,
  bytes: number,
): Answer {
  if (pairs.length > 10_000) return { error: { code: 10012, message: "too many pairs" } };
  if (bytes > 100_000_000) return { status: 413, error: { code: 10012, message: "request too large" } };
  // Asked once a key: an answer that draws lots must say what was done.
  const failed = new Set(pairs.map(({ key }) => key).filter(fails));
  for (const { key, value, base64, expiration, expiration_ttl: ttl, metadata } of pairs) {
    if (failed.has(key)) continue;
    const expires = ttl === undefined ? expiration : now + ttl;
    entries.set(key, {
      value: Buffer.from(value, base64 === true ? "base64" : "utf8"),
      ...(metadata === undefined ? {} : { metadata }),
      ...(expires === undefined ? {} : { expiration: expires }),
    });
  }
  return { result: { successful_key_count: pairs.length - failed.size, unsuccessful_keys: [...failed] } };
}

function bulkDelete(
  entries: Map<string, StoredEntry>,
  keys: readonly string[],
  fails: (key: string) => boolean,
): Answer {
  const failed = new Set(keys.filter(fails));
  for (const key of keys) if (!failed.has(key)) entries.delete(key);
  return { result: { successful_key_count: keys.length - failed.size, unsuccessful_keys: [...failed] } };
}

function bulkGet(entries: Map<string, StoredEntry>, { keys }: { keys: readonly string[] }): Answer {
  if (keys.length > 100) return { error: { code: 10012, message: "too many keys" } };
  const found = keys.map((key) => [key, entries.get(key)] as const);
  const bytes = found.reduce((sum, [, entry]) => sum + (entry?.value.length ?? 0), 0);
  if (bytes > 25 * 1024 * 1024) return { status: 413, error: { code: 10012, message: "response too large" } };
  const values = found.map(([key, entry]) => {
    if (entry === undefined) return [key, null] as const;
    const { value, metadata = null, expiration } = entry;
    return [key, { value: value.toString("utf8"), metadata, expiration }] as const;
  });
  return { result: { values: Object.fromEntries(values) } };
}
