import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Engine, startEngine } from "../engine/engine.js";
import type { EngineLog } from "../engine/types.js";
import { Analytics } from "./analytics.js";
import { UsageBook } from "../engine/usage-book.js";
import { answer } from "./answer.js";
import { BlobFolder } from "./blob-folder.js";
import type { Controls } from "./control.js";
import type { Emulation } from "./emulation.js";
import { type Fault, Faults, parseFaults } from "./faults.js";
import { reset } from "./reset.js";
import { EmulatorRuntime } from "./running-workers.js";
import { emulatorServer, listen } from "./server.js";
import { StaleReads } from "./stale-reads.js";
import { keptBlobs } from "./stored-data.js";
import { StateFile } from "./state-file.js";
import { temporaryParent } from "./temporary.js";

export interface EmulatorOptions {
  /**
   * TCP port on 127.0.0.1.
   *
   * @default 0 - a free one
   */
  readonly port?: number;
  /**
   * The folder to keep everything in; readable by its owner only. One emulator at a time can use it.
   *
   * @default - nothing is kept
   */
  readonly dataFolder?: string;
  /**
   * Faults to inject, as objects or in the syntax of `--faults`.
   *
   * @default - nothing
   */
  readonly faults?: string | readonly Fault[];
  /** Called with each request to the API; never with its headers or body. */
  readonly onRequest?: (entry: EmulatorRequest) => void;
  /** Called with what Workers print, and with failures of the emulator itself. */
  readonly onLog?: (entry: EngineLog) => void;
  /**
   * The clock of the API: created_on, expirations, stale reads.
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

/** Cloudflare's API, served on this machine. Create one with {@link startEmulator}. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`; a Worker is at `http://<worker>.localhost:<port>`. */
  readonly url: string;
  /** `http://127.0.0.1:<port>/client/v4`: for `CLOUDFLARE_BASE_URL` and `CLOUDFLARE_API_BASE_URL`. */
  readonly baseUrl: string;
  /** What runs differently from Cloudflare, and which Workers do not run at all. */
  readonly notes: () => readonly string[];
  /** Replaces the faults; an empty list removes them. */
  readonly setFaults: (faults: string | readonly Fault[]) => void;
  /** Triggers a Worker's cron. @returns workerd's outcome, `ok` on success */
  readonly trigger: (worker: string, cron: string, time?: Date) => Promise<string>;
  /**
   * Deletes everything that the API created, including the data, and removes the faults. Takes milliseconds if no
   * Worker is uploaded; the next upload restarts workerd, as any upload does.
   */
  readonly reset: () => Promise<void>;
  /** Closes the port, stops workerd, and removes data that is not kept. */
  readonly close: () => Promise<void>;
}

/**
 * Starts Cloudflare's API on this machine, with workerd for the Workers that are uploaded.
 *
 * @throws InputError `MINIFLARE_MISSING`, `PORT_IN_USE`, `FAULTS_INVALID`, `DATA_FOLDER_IN_USE` or
 * `STATE_UNREADABLE`
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const faults = new Faults(parsed(options.faults ?? []));
  const folder = options.dataFolder ?? (await mkdtemp(join(await temporaryParent(), "cfkv-")));
  const now = options.now ?? (() => new Date());
  const book = await UsageBook.open(options.dataFolder === undefined ? undefined : Analytics.pathIn(folder), now);
  const engine = await startEngine({
    dataFolder: folder,
    owner: "cfkv emulator",
    onUsage: (counts) => book.add(counts),
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
  const remove = async (): Promise<void> => {
    await engine.dispose();
    await book.save();
    if (options.dataFolder === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    const emulation = await openEmulation(engine, folder, faults, now, book);
    const controls = controlsOf(emulation, faults);
    await emulation.workerd.upToDate();
    const server = emulatorServer({
      api: (request, path, receive) => answer(request, path, receive, { emulation, faults, controls }),
      workers: async () => {
        await emulation.workerd.upToDate();
        return engine.hold();
      },
      onError: (error) => options.onLog?.({ level: "error", message: `internal error: ${reasonOf(error)}` }),
      ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
    });
    const url = await listen(server, options.port ?? 0);
    const { notes, setFaults, trigger } = controls;
    return {
      url,
      baseUrl: `${url}/client/v4`,
      notes,
      setFaults: (wanted) => setFaults(parsed(wanted)),
      trigger,
      reset: controls.reset,
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await remove();
        if (options.dataFolder === undefined) return;
        await emulation.workerd.sweep();
        await emulation.blobs.keepOnly(keptBlobs(emulation.state));
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function openEmulation(
  engine: Engine,
  folder: string,
  faults: Faults,
  now: () => Date,
  book: UsageBook,
): Promise<Emulation> {
  const [file, blobs] = await Promise.all([StateFile.open(folder), BlobFolder.open(join(folder, "blobs"))]);
  // Nothing is being uploaded yet.
  await blobs.keepOnly(keptBlobs(file.state));
  const stale = new StaleReads(now);
  stale.seconds = faults.staleSeconds;
  let turn: Promise<unknown> = Promise.resolve();
  return {
    state: file.state,
    save: () => file.save(),
    blobs,
    workerd: new EmulatorRuntime(engine, file, blobs, join(folder, "assets")),
    stale,
    analytics: new Analytics(book, engine, folder),
    tally: { requests: 1, bytes: 0 },
    assets: new Map(),
    partialFailure: () => 0,
    inTurn: (work) => {
      const mine = turn.then(work);
      turn = mine.catch(() => undefined);
      return mine;
    },
    now,
  };
}

function controlsOf(emulation: Emulation, faults: Faults): Controls & Pick<Emulator, "trigger"> {
  const { workerd, stale } = emulation;
  const setFaults = (wanted: readonly Fault[]): void => {
    faults.set(wanted);
    stale.seconds = faults.staleSeconds;
  };
  return {
    faults: () => faults.list(),
    setFaults,
    trigger: async (worker, cron, time?: Date) => {
      await workerd.upToDate();
      const { outcome } = await workerd.engine.scheduled(worker, cron, time);
      return outcome;
    },
    notes: () => [
      ...[...workerd.failures.values()].map((reason) => `not running: ${reason}`),
      ...workerd.notes.map(({ worker, message }) => `${worker}: ${message}`),
    ],
    reset: async () => {
      setFaults([]);
      await reset(emulation);
    },
  };
}

function parsed(faults: string | readonly Fault[]): readonly Fault[] {
  return typeof faults === "string" ? parseFaults(faults) : faults;
}

/** With its cause: only there a failed `fetch` has the reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}
