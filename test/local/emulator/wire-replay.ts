import { expect } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import type { Emulator } from "../../../src/local/emulator/emulator.js";
import { parseMultipart } from "../../../src/local/emulator/api/multipart.js";

const FOLDER = join("test", "fixtures", "wire", "transcripts");

interface Message {
  readonly headers: Record<string, string | true>;
  readonly body?: unknown;
}
interface Exchange {
  readonly request: Message & {
    readonly method: string;
    readonly path: string;
    readonly query: Record<string, string>;
  };
  readonly response: Message & { readonly status: number; readonly injected?: boolean };
}
export interface Transcript {
  readonly scenario: string;
  readonly about: string;
  readonly placeholders: Record<string, { readonly form: string }>;
  readonly steps: readonly { readonly command: string; readonly exchanges: readonly Exchange[] }[];
}
interface WirePart {
  readonly name: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly body: unknown;
}

const FORMS: Record<string, RegExp> = {
  hex32: /^[0-9a-f]{32}$/,
  hex64: /^[0-9a-f]{64}$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  rfc3339: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
};

/** Fields a stand-in is free to fill otherwise, says the page beside the transcripts. */
const FREE = new Set(["message", "result_info"]);

/** Fields that the recording server did not send and Cloudflare does. wrangler reads them, the provider ignores them. */
const EXTRA = new Set(["deployment_id", "tag", "tags"]);

const BOUNDARY = "replayed-boundary";

export function transcripts(): Transcript[] {
  return readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Transcript);
}

/** Sends what Terraform's provider sent, in its order, and holds each answer against the recorded one. */
export async function replay(transcript: Transcript, emulator: Emulator): Promise<number> {
  const bound = new Map<string, string>();
  let count = 0;
  for (const { exchanges } of transcript.steps) {
    for (const exchange of exchanges) {
      if (exchange.response.injected === true) emulator.setFaults(injected(exchange));
      const actual = await send(exchange.request, emulator, bound);
      emulator.setFaults([]);
      compare(exchange, actual, { bound, placeholders: transcript.placeholders });
      count++;
    }
  }
  return count;
}

function injected({
  response,
}: Exchange): { status: number; times: number; retryAfter?: number; shouldRetry?: boolean }[] {
  const retryAfter = response.headers["retry-after"];
  return [
    {
      status: response.status,
      times: 1,
      ...(retryAfter === undefined ? {} : { retryAfter: Number(retryAfter) }),
      ...(response.headers["x-should-retry"] === "false" ? { shouldRetry: false } : {}),
    },
  ];
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** By the plainest client there is, so that the path goes out exactly as recorded. */
async function send(
  { method, path, query, headers, body }: Exchange["request"],
  emulator: Emulator,
  bound: ReadonlyMap<string, string>,
): Promise<Answer> {
  const { port } = new URL(emulator.url);
  const search = new URLSearchParams(query).toString();
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name === "authorization") sent[name] = "Bearer any-token";
    else sent[name] = String(value).replace("{{boundary}}", BOUNDARY);
  }
  const payload = body === undefined ? undefined : encode(filled(body, bound), sent["content-type"] ?? "");
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: "127.0.0.1",
        port,
        method,
        path: `/client/v4${fill(path, bound)}${search && `?${search}`}`,
        headers: sent,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        });
      },
    );
    request.on("error", reject);
    request.end(payload);
  });
}

function encode(body: unknown, contentType: string): Buffer {
  if (!contentType.startsWith("multipart/")) return Buffer.from(JSON.stringify(body));
  const parts = (body as WirePart[]).map(({ name, filename, contentType: type, body: content }) => {
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`;
    const file = filename === undefined ? "" : `; filename="${filename}"`;
    const kind = type === undefined ? "" : `\r\nContent-Type: ${type}`;
    return `${head}${file}${kind}\r\n\r\n${typeof content === "string" ? content : JSON.stringify(content)}\r\n`;
  });
  return Buffer.from(`${parts.join("")}--${BOUNDARY}--\r\n`);
}

function compare(
  { request, response }: Exchange,
  actual: Answer,
  context: { readonly bound: Map<string, string>; readonly placeholders: Transcript["placeholders"] },
): void {
  const where = `${request.method} ${request.path}`;
  expect({ where, status: actual.status, text: actual.body.toString().slice(0, 300) }).toMatchObject({
    where,
    status: response.status,
  });
  for (const [name, value] of Object.entries(response.headers)) {
    const expected = String(value).split(";")[0] ?? "";
    expect(`${where} ${name}: ${String(actual.headers[name])}`).toContain(`${where} ${name}: ${expected}`);
  }
  unify(response.body, decode(actual), where, context);
}

function decode({ headers, body }: Answer): unknown {
  const type = String(headers["content-type"]);
  if (type.startsWith("application/json")) return JSON.parse(body.toString()) as unknown;
  const parts = parseMultipart(type, body);
  if (parts === undefined) return body.toString();
  return parts.map((part) => ({ ...part, body: Buffer.from(part.body).toString() }));
}

/** Equal in every field and in order, where a placeholder is whatever it was at first, in its form. */
function unify(
  expected: unknown,
  actual: unknown,
  at: string,
  context: { readonly bound: Map<string, string>; readonly placeholders: Transcript["placeholders"] },
): void {
  const placeholder = typeof expected === "string" ? /^\{\{([a-z]+:\d+)\}\}$/.exec(expected)?.[1] : undefined;
  if (placeholder !== undefined) {
    const form = FORMS[context.placeholders[placeholder]?.form ?? ""] ?? /^$/;
    if (!context.bound.has(placeholder))
      expect({ at, value: actual }).toEqual({ at, value: expect.stringMatching(form) });
    const value = context.bound.get(placeholder) ?? String(actual);
    context.bound.set(placeholder, value);
    expect({ at, value: actual }).toEqual({ at, value });
  } else if (Array.isArray(expected)) {
    expect({ at, length: (actual as unknown[]).length }).toEqual({ at, length: expected.length });
    expected.forEach((item, index) => {
      unify(item, (actual as unknown[])[index], `${at}[${index}]`, context);
    });
  } else if (typeof expected === "object" && expected !== null) {
    const fields = Object.keys(actual as object).filter((name) => name in expected || !EXTRA.has(name));
    expect({ at, fields: fields.sort() }).toEqual({ at, fields: Object.keys(expected).sort() });
    for (const [name, value] of Object.entries(expected)) {
      if (!FREE.has(name)) unify(value, (actual as Record<string, unknown>)[name], `${at}.${name}`, context);
    }
  } else {
    const text = typeof expected === "string" ? fill(expected, context.bound) : expected;
    expect({ at, value: actual }).toEqual({ at, value: text });
  }
}

function fill(text: string, bound: ReadonlyMap<string, string>): string {
  return text.replace(/\{\{([a-z]+:\d+)\}\}/g, (whole, name: string) => bound.get(name) ?? whole);
}

function filled(value: unknown, bound: ReadonlyMap<string, string>): unknown {
  return JSON.parse(fill(JSON.stringify(value), bound)) as unknown;
}
