import * as KV_LIMITS from "../kv/limits.js";
import type { Entry } from "./entry.js";

/** One bulk write. */
export interface Batch {
  /** A JSON array of pairs, as the API takes it. */
  readonly body: Uint8Array | Blob;
  readonly bytes: number;
  readonly keys: readonly string[];
  /** The number of each entry, in the order of the keys. */
  readonly ordinals: readonly number[];
}

/** Text is encoded a megabyte at a time. */
const PART_LENGTH = 1024 * 1024;
/**
 * Larger bodies are Blobs, which keep their parts as they are, where bytes would be copied when sent. Smaller ones are
 * bytes: the garbage collector knows nothing of the size of a Blob, and would let hundreds of them lie.
 */
const MAX_BYTES_BODY = 16 * 1024 * 1024;

/** Gathers entries into as few bulk writes as the limits on pairs and bytes allow. */
export class Batcher {
  private parts: Uint8Array[] = [];
  private partBytes = 0;
  private blobs: Blob[] = [];
  private text = "";
  private bytes = 1;
  private keys: string[] = [];
  private ordinals: number[] = [];

  constructor(
    private readonly maxPairs: number = KV_LIMITS.maxBulkPairs,
    private readonly maxBytes: number = KV_LIMITS.maxBulkBytes,
  ) {}

  /** Adds an entry. Returns the batch before it when that is full. */
  add(entry: Entry, ordinal: number): Batch | undefined {
    let pair = pairText(entry);
    let size = Buffer.byteLength(pair) + 1;
    if (size + 1 > KV_LIMITS.maxBulkBytes) {
      // Text of 25 MiB may need six bytes a character in JSON; base64 always fits.
      pair = pairText({ ...entry, value: Buffer.from(entry.value).toString("base64"), base64: true });
      size = Buffer.byteLength(pair) + 1;
    }
    const full = this.keys.length >= this.maxPairs || (this.keys.length > 0 && this.bytes + size > this.maxBytes);
    const batch = full ? this.take() : undefined;
    this.text += this.keys.length === 0 ? `[${pair}` : `,${pair}`;
    this.bytes += size;
    this.keys.push(entry.key);
    this.ordinals.push(ordinal);
    if (this.text.length >= PART_LENGTH) this.encode();
    return batch;
  }

  /** What has been gathered, if anything. */
  take(): Batch | undefined {
    if (this.keys.length === 0) return undefined;
    this.text += "]";
    this.encode();
    const body = this.blobs.length === 0 ? Buffer.concat(this.parts) : new Blob([...this.blobs, ...this.parts]);
    const batch = { body, bytes: this.bytes, keys: this.keys, ordinals: this.ordinals };
    this.parts = [];
    this.partBytes = 0;
    this.blobs = [];
    this.bytes = 1;
    this.keys = [];
    this.ordinals = [];
    return batch;
  }

  private encode(): void {
    const part = Buffer.from(this.text);
    this.text = "";
    this.parts.push(part);
    this.partBytes += part.length;
    if (this.partBytes <= MAX_BYTES_BODY) return;
    this.blobs.push(new Blob(this.parts));
    this.parts = [];
    this.partBytes = 0;
  }
}

/** A pair of Cloudflare's bulk write. */
function pairText({ key, value, base64, expiration, expirationTtl, metadata }: Entry): string {
  return JSON.stringify({ key, value, base64, expiration, expiration_ttl: expirationTtl, metadata });
}
