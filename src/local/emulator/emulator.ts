import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { InputError } from "../../errors.js";
import { BlobFolder } from "./blob-folder.js";
import type { Emulation } from "./emulation.js";
import { ok, refused } from "./api/envelope.js";
import { API_ERRORS, ApiError } from "./api/errors.js";
import { type Fault, Faults, parseFaults } from "./faults.js";
import { type ApiRequest, type ApiResponse, isObject } from "./api/http.js";
import { StaleReads } from "./stale-reads.js";
import { StateFile } from "./state.js";
import { matchApi } from "./api/table.js";
import { emulatorServer } from "./server.js";
import { EmulatorRuntime } from "./running-workers.js";
import { type Engine, startEngine } from "../engine/engine.js";
import type { EngineLog, EngineNote } from "../engine/types.js";

export interface EmulatorOptions {
  /**
   * TCP port on 127.0.0.1.
   *
   * @default 0 - a free one
   */
  readonly port?: number;
  /**
   * The folder everything is kept in; readable by its owner only. One emulator at a time.
   *
   * @default - nothing is kept
   */
  readonly dataFolder?: string;
  /**
   * What goes wrong on purpose, as objects or in the words of `--faults`.
   *
   * @default - nothing
   */
  readonly faults?: string | readonly Fault[];
  /** Told of each request to the API; headers and bodies are never told. */
  readonly onRequest?: (entry: EmulatorRequest) => void;
  /** What Workers print, and what the emulator has to say of a failure of its own. */
  readonly onLog?: (entry: EngineLog) => void;
  /**
   * The time the API goes by: created_on, expirations, stale reads.
   *
   * @default - the machine's clock
   */
  readonly now?: () => Date;
}

export interface EmulatorRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** Cloudflare's API, served on this machine. Make one with {@link startEmulator}. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`; a Worker answers at `http://<worker>.localhost:<port>`. */
  readonly url: string;
  /** `http://127.0.0.1:<port>/client/v4`: for `CLOUDFLARE_BASE_URL` and `CLOUDFLARE_API_BASE_URL`. */
  readonly baseUrl: string;
  /** What runs otherwise than at Cloudflare, and which Workers do not run at all. */
  readonly notes: () => readonly string[];
  /** Sets what goes wrong, in place of what was set; an empty list ends it. */
  readonly setFaults: (faults: string | readonly Fault[]) => void;
  /** Triggers a Worker's cron. @returns the runtime's word for the outcome, `ok` when it went well */
  readonly trigger: (worker: string, cron: string, time?: Date) => Promise<string>;
  /** Stops answering, ends the runtime, and removes what was not to be kept. */
  readonly close: () => Promise<void>;
}

/** The parts below the emulator's own routes. */
interface Parts {
  readonly emulation: Emulation;
  readonly faults: Faults;
  readonly engine: Engine;
}

/**
 * Starts Cloudflare's API on this machine, with the runtime the uploaded Workers run in.
 *
 * @throws InputError `MINIFLARE_MISSING`, `PORT_IN_USE`, `FAULTS_INVALID`, `DATA_FOLDER_IN_USE` or
 * `STATE_UNREADABLE`
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const faults = new Faults(parsed(options.faults ?? []));
  const folder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "cfkv-")));
  const engine = await startEngine({
    dataFolder: folder,
    owner: "cfkv emulator",
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
  const remove = async (): Promise<void> => {
    await engine.dispose();
    if (options.dataFolder === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    const parts = await partsOf(engine, folder, faults, options.now ?? (() => new Date()));
    const { emulation } = parts;
    await emulation.runtime.upToDate();
    const server = emulatorServer({
      api: (request, path, body) => answer(request, path, body, parts),
      workers: async () => {
        await emulation.runtime.upToDate();
        return engine.hold();
      },
      onError: (error) => options.onLog?.({ level: "error", message: `internal error: ${reasonOf(error)}` }),
      ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
    });
    const url = await listen(server, options.port ?? 0);
    return {
      url,
      baseUrl: `${url}/client/v4`,
      notes: () => notesOf(emulation),
      setFaults: (wanted) => setFaults(parts, parsed(wanted)),
      trigger: (worker, cron, time) => trigger(parts, worker, cron, time),
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function partsOf(engine: Engine, folder: string, faults: Faults, now: () => Date): Promise<Parts> {
  const [file, blobs] = await Promise.all([StateFile.open(folder), BlobFolder.open(join(folder, "blobs"))]);
  const stale = new StaleReads(now);
  stale.seconds = faults.staleSeconds;
  let turn: Promise<unknown> = Promise.resolve();
  const emulation: Emulation = {
    state: file.state,
    save: () => file.save(),
    blobs,
    runtime: new EmulatorRuntime(engine, file, blobs, join(folder, "assets")),
    stale,
    assets: new Map(),
    partialFailure: () => 0,
    inTurn: (work) => {
      const mine = turn.then(work);
      turn = mine.catch(() => undefined);
      return mine;
    },
    now,
  };
  return { emulation, faults, engine };
}

async function answer(
  request: IncomingMessage,
  path: string,
  body: Uint8Array,
  parts: Parts,
): Promise<ApiResponse | "drop"> {
  checkToken(request);
  const method = request.method ?? "GET";
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  const own = path.startsWith("/emulator/");
  if (own) return answerOwn(method, path, query, body, parts);

  const apiPath = path.replace(/^\/client\/v4(?=\/|$)/, "");
  const fault = parts.faults.strike(method, apiPath);
  if (fault.latency !== undefined) await wait(fault.latency);
  if (fault.drop === true) return "drop";
  if (fault.status !== undefined) return failure(fault, fault.status);
  const { handler, params } = matchApi(method, apiPath);
  const sent: ApiRequest = { method, params, query, headers: request.headers, body };
  return handler(sent, { ...parts.emulation, partialFailure: () => fault.partial ?? 0 });
}

/** Any token will do, but there must be one, as everywhere at Cloudflare. */
function checkToken({ headers }: IncomingMessage): void {
  const bearer = /^Bearer\s+\S/i.test(headers.authorization ?? "");
  const key = Boolean(headers["x-auth-email"]) && Boolean(headers["x-auth-key"]);
  if (!bearer && !key && !headers["x-auth-user-service-key"]) throw new ApiError("AUTHENTICATION");
}

function failure({ retryAfter, shouldRetry }: Fault, status: number): ApiResponse {
  const [, code, message] = status === 429 ? API_ERRORS.RATE_LIMITED : API_ERRORS.INTERNAL;
  const response = refused({ status, code, message });
  return {
    ...response,
    headers: {
      ...response.headers,
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      ...(shouldRetry === false ? { "x-should-retry": "false" } : {}),
    },
  };
}

/** The emulator's own routes, which Cloudflare does not have. */
async function answerOwn(
  method: string,
  path: string,
  query: URLSearchParams,
  body: Uint8Array,
  parts: Parts,
): Promise<ApiResponse> {
  switch (`${method} ${path}`) {
    case "GET /emulator/faults":
      return ok(parts.faults.list());
    case "PUT /emulator/faults":
      setFaults(parts, sentFaults(new TextDecoder().decode(body)));
      return ok(parts.faults.list());
    case "DELETE /emulator/faults":
      setFaults(parts, []);
      return ok([]);
    case "POST /emulator/trigger": {
      const outcome = await trigger(parts, query.get("worker") ?? "", query.get("cron") ?? "").catch(badInput);
      return ok({ outcome });
    }
    case "GET /emulator/notes":
      return ok(notesOf(parts.emulation));
    default:
      throw new ApiError("NO_ROUTE");
  }
}

function sentFaults(text: string): Fault[] {
  try {
    const spec = text.trim().startsWith("{") ? (JSON.parse(text) as unknown) : text;
    if (isObject(spec)) return parseFaults(typeof spec.faults === "string" ? spec.faults : "");
    return parseFaults(text);
  } catch (error) {
    return badInput(error);
  }
}

function badInput(error: unknown): never {
  if (error instanceof InputError) throw new ApiError("BODY_INVALID", error.message);
  if (error instanceof SyntaxError) throw new ApiError("BODY_INVALID");
  throw error;
}

function setFaults({ faults, emulation }: Parts, wanted: readonly Fault[]): void {
  faults.set(wanted);
  emulation.stale.seconds = faults.staleSeconds;
}

async function trigger({ emulation, engine }: Parts, worker: string, cron: string, time?: Date): Promise<string> {
  await emulation.runtime.upToDate();
  const { outcome } = await engine.scheduled(worker, cron, time);
  return outcome;
}

function notesOf({ runtime }: Emulation): string[] {
  const failures = [...runtime.failures.values()].map((reason) => `not running: ${reason}`);
  return [...failures, ...runtime.notes.map((note: EngineNote) => `${note.worker}: ${note.message}`)];
}

function parsed(faults: string | readonly Fault[]): readonly Fault[] {
  return typeof faults === "string" ? parseFaults(faults) : faults;
}

/** With what is behind it: a failed `fetch` tells only there what failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") reject(error);
      else reject(new InputError("PORT_IN_USE", `port ${port} is taken`, "stop what listens there, or pass --port"));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
