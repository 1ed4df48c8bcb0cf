import { readFile } from "node:fs/promises";
import { replaceFile } from "../../files/replace-file.js";
import { isObject } from "../../values/json.js";
import type { UsageCount } from "./usage-count.js";

/** How long Cloudflare keeps what it counted. */
export const DAYS_KEPT = 31;

const DAY = 86_400_000;

/** How much a namespace held, at some time of a day. */
export interface StorageSnapshot {
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
  readonly namespace: string;
  readonly keyCount: number;
  readonly byteCount: number;
}

/** What one operation did. */
export interface CountedOperation {
  readonly namespace: string;
  readonly action: UsageCount["action"];
  readonly requests: number;
  readonly bytes: number;
  readonly ms: number;
}

/** What was done with namespaces hour by hour, and what they held day by day: the figures behind the analytics API. */
export class UsageBook {
  readonly #counts = new Map<string, UsageCount>();
  readonly #snapshots = new Map<string, StorageSnapshot>();

  private constructor(
    private readonly path: string | undefined,
    private readonly now: () => Date,
  ) {}

  /**
   * Opens the book of a folder, or begins one. What cannot be read is forgotten: it is statistics.
   *
   * @param path - the file to keep it in; without one it is not kept
   */
  static async open(path: string | undefined, now: () => Date = () => new Date()): Promise<UsageBook> {
    const book = new UsageBook(path, now);
    const text = path === undefined ? undefined : await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) book.#read(text);
    return book;
  }

  /** Everything of the last 31 days. */
  get counts(): readonly UsageCount[] {
    return [...this.#counts.values()];
  }

  get snapshots(): readonly StorageSnapshot[] {
    return [...this.#snapshots.values()];
  }

  /** Adds what the engine counted. */
  add(counts: readonly UsageCount[]): void {
    // The engine's clock is the machine's; this one may be a test's.
    const shift = this.now().getTime() - Date.now();
    for (const { hour, ...count } of counts) this.#merge({ ...count, hour: hourOf(hour + shift) });
  }

  /** Adds one operation that has just been done. */
  addOperation({ namespace, action, requests, bytes, ms }: CountedOperation): void {
    const hour = hourOf(this.now().getTime());
    this.#merge({ namespace, action, hour, requests, bytes, latencies: { [String(Math.round(ms))]: 1 } });
  }

  /** Notes what namespaces hold now; a later snapshot of the same day replaces it. */
  snapshot(held: readonly Omit<StorageSnapshot, "date">[]): void {
    const date = dayOf(this.now());
    for (const one of held) this.#snapshots.set(`${date} ${one.namespace}`, { ...one, date });
  }

  /** Forgets a namespace that was deleted, or everything. */
  forget(namespace?: string): void {
    for (const map of [this.#counts, this.#snapshots]) {
      for (const [name, { namespace: of }] of map) if (namespace === undefined || of === namespace) map.delete(name);
    }
  }

  /** Writes the book to its file. */
  async save(): Promise<void> {
    if (this.path === undefined) return;
    this.#forgetOld();
    await replaceFile(this.path, JSON.stringify({ version: 1, counts: this.counts, snapshots: this.snapshots }), {
      mode: 0o600,
    });
  }

  #merge(count: UsageCount): void {
    const name = `${count.hour} ${count.action} ${count.namespace}`;
    const known = this.#counts.get(name);
    if (known === undefined) {
      this.#counts.set(name, count);
      return;
    }
    const latencies = { ...known.latencies };
    for (const [ms, times] of Object.entries(count.latencies)) latencies[ms] = (latencies[ms] ?? 0) + times;
    const [requests, bytes] = [known.requests + count.requests, known.bytes + count.bytes];
    this.#counts.set(name, { ...count, requests, bytes, latencies });
  }

  #forgetOld(): void {
    const oldest = this.now().getTime() - (DAYS_KEPT + 1) * DAY;
    for (const [name, { hour }] of this.#counts) if (hour < oldest) this.#counts.delete(name);
    const day = dayOf(new Date(oldest));
    for (const [name, { date }] of this.#snapshots) if (date < day) this.#snapshots.delete(name);
  }

  #read(text: string): void {
    try {
      const file = JSON.parse(text) as unknown;
      if (!isObject(file) || file["version"] !== 1) return;
      for (const count of file["counts"] as UsageCount[]) this.#merge(count);
      for (const one of file["snapshots"] as StorageSnapshot[])
        this.#snapshots.set(`${one.date} ${one.namespace}`, one);
    } catch {
      this.forget();
    }
  }
}

/** The day of a moment, as Cloudflare counts days: from 00:00 UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

function hourOf(time: number): number {
  return Math.floor(time / 3_600_000) * 3_600_000;
}
