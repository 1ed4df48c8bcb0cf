import { CloudflareError } from "../cloudflare/errors.js";
import * as KV_LIMITS from "../kv/limits.js";
import type { Entry } from "./entry.js";
import { KeyHasher } from "./key-hash.js";
import type { EntriesTarget } from "./target.js";

/** One bulk write. */
export interface Batch {
  /** A JSON array of pairs, as the API takes it, in pieces. */
  readonly body: readonly Uint8Array[];
  readonly bytes: number;
  /** The number of each entry, in the order they were added. */
  readonly ordinals: Uint32Array;
  /**
   * Writes the batch. Keys are compared by 53 bits of a hash: one in many millions of entries may be missing from
   * `accepted` although it was accepted, and is then sent once more.
   *
   * @throws CloudflareError `CLOUDFLARE_UNREADABLE` when the answer names keys that were not sent
   */
  send(target: EntriesTarget): Promise<SentBatch>;
  /** Releases the memory for reuse: the batch must not be used after that. */
  release(): void;
}

/** The result of a batch. */
export interface SentBatch {
  /** The numbers of the entries that were stored. */
  readonly accepted: Uint32Array;
  /** Keys that were not stored, and have to be sent again. */
  readonly unsuccessfulKeys: readonly string[];
}

/** This many characters of text are collected before they are encoded: more would outlive the young generation. */
const TEXT_LENGTH = 32 * 1024;
const PIECE_BYTES = 256 * 1024;

/**
 * Collects entries into as few bulk writes as the limits on pairs and bytes allow. The memory of released batches is
 * reused: garbage of a megabyte each would pile up, because the garbage collector is slow to free old objects.
 */
export class Batcher {
  private readonly hasher = new KeyHasher();
  private readonly encoder = new TextEncoder();
  private readonly pieces: Uint8Array[] = [];
  private readonly lists: Lists[] = [];
  private draft: Draft;
  private text = "";

  constructor(
    private readonly maxPairs: number = KV_LIMITS.maxBulkPairs,
    private readonly maxBytes: number = KV_LIMITS.maxBulkBytes,
  ) {
    this.draft = this.newDraft();
  }

  /** Adds an entry. Returns the batch before it when that is full. */
  add(entry: Entry, ordinal: number): Batch | undefined {
    let pair = pairText(entry);
    let size = Buffer.byteLength(pair) + 1;
    if (size + 1 > KV_LIMITS.maxBulkBytes) {
      // Text of 25 MiB may need six bytes per character in JSON; base64 always fits.
      pair = pairText({ ...entry, value: Buffer.from(entry.value).toString("base64"), base64: true });
      size = Buffer.byteLength(pair) + 1;
    }
    const { count, bytes } = this.draft;
    const full = count >= this.maxPairs || (count > 0 && bytes + size > this.maxBytes);
    const batch = full ? this.take() : undefined;
    const { draft } = this;
    this.text += draft.count === 0 ? `[${pair}` : `,${pair}`;
    if (this.text.length >= TEXT_LENGTH) this.encode();
    draft.bytes += size;
    draft.lists.ordinals[draft.count] = ordinal;
    draft.lists.hashes[draft.count] = this.hasher.hash(entry.key).number;
    draft.count++;
    return batch;
  }

  /** Whether the next entry would begin a new batch because of the number of pairs. */
  get isFull(): boolean {
    return this.draft.count >= this.maxPairs;
  }

  /** The current batch, if it has any entries. */
  take(): Batch | undefined {
    const { draft } = this;
    if (draft.count === 0) return undefined;
    this.text += "]";
    this.encode();
    this.draft = this.newDraft();
    const { count, bytes, lists, filled } = draft;
    const ordinals = lists.ordinals.subarray(0, count);
    const body = [...filled, draft.piece.subarray(0, draft.pieceBytes)];
    return {
      body,
      bytes,
      ordinals,
      send: async (target) => {
        const { unsuccessfulKeys } = await target.bulkPut(body, count);
        return { unsuccessfulKeys, accepted: this.without(ordinals, lists.hashes, unsuccessfulKeys) };
      },
      release: () => {
        this.pieces.push(...draft.pieces.splice(0));
        this.lists.push(lists);
      },
    };
  }

  private without(ordinals: Uint32Array, hashes: Float64Array, keys: readonly string[]): Uint32Array {
    if (keys.length === 0) return ordinals;
    const left = new Set(keys.map((key) => this.hasher.hash(key).number));
    const accepted = ordinals.filter((_, at) => !left.has(hashes[at] ?? 0));
    if (accepted.length <= ordinals.length - keys.length) return accepted;
    throw new CloudflareError(
      "CLOUDFLARE_UNREADABLE",
      "the answer to a bulk write lists keys as not stored that were not sent",
      "run again with --resume; if it persists, check CLOUDFLARE_BASE_URL and any proxy in between",
    );
  }

  private newDraft(): Draft {
    const lists = this.lists.pop() ?? {
      ordinals: new Uint32Array(this.maxPairs),
      hashes: new Float64Array(this.maxPairs),
    };
    const piece = this.newPiece();
    return { bytes: 1, count: 0, lists, pieces: [piece], filled: [], piece, pieceBytes: 0 };
  }

  private newPiece(): Uint8Array {
    return this.pieces.pop() ?? new Uint8Array(PIECE_BYTES);
  }

  private encode(): void {
    const { draft } = this;
    while (this.text !== "") {
      const { read, written } = this.encoder.encodeInto(this.text, draft.piece.subarray(draft.pieceBytes));
      draft.pieceBytes += written;
      this.text = this.text.slice(read);
      if (this.text === "") return;
      draft.filled.push(draft.piece.subarray(0, draft.pieceBytes));
      draft.piece = this.newPiece();
      draft.pieces.push(draft.piece);
      draft.pieceBytes = 0;
    }
  }
}

/** The batch being collected. */
interface Draft {
  bytes: number;
  count: number;
  readonly lists: Lists;
  /** Every block that it uses. */
  readonly pieces: Uint8Array[];
  /** The filled blocks, all but the last. */
  readonly filled: Uint8Array[];
  /** The last block, and how much of it is filled. */
  piece: Uint8Array;
  pieceBytes: number;
}

interface Lists {
  readonly ordinals: Uint32Array;
  readonly hashes: Float64Array;
}

/** A pair of Cloudflare's bulk write. */
function pairText({ key, value, base64, expiration, expirationTtl, metadata }: Entry): string {
  return JSON.stringify({ key, value, base64, expiration, expiration_ttl: expirationTtl, metadata });
}
