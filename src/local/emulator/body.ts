import type { IncomingMessage } from "node:http";
import { ApiError } from "./api/errors.js";

/** Bytes of all bodies that are in memory at the same time. */
const BUDGET = 256_000_000;
/** Bytes of a refused body that are read and thrown away, so that the client gets to read the answer. */
const MAX_DISCARDED = 200_000_000;

/** Reads a request's body into memory. `release` it when the request is answered. */
export interface ReceivedBody {
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

/**
 * Keeps the memory of request bodies bounded: a body is not read before there is room for all of it, and meanwhile its
 * client waits, as TCP has it.
 */
export class BodyBudget {
  #free = BUDGET;
  #waiting: { readonly size: number; readonly admit: () => void }[] = [];

  /**
   * Reads a body of at most `max` bytes.
   *
   * @throws ApiError `BODY_TOO_LARGE`
   */
  async receive(request: IncomingMessage, max: number): Promise<ReceivedBody> {
    const announced = Number(request.headers["content-length"] ?? NaN);
    if (announced > max) throw tooLarge(max);
    const size = Number.isNaN(announced) ? max : announced;
    await this.#reserve(size);
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      this.#free += size;
      this.#admit();
    };
    try {
      return { bytes: await read(request, max), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #reserve(size: number): Promise<void> {
    // Whoever came first is first: a large body is not overtaken for ever by small ones.
    await new Promise<void>((admit) => {
      this.#waiting.push({ size, admit });
      this.#admit();
    });
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.size <= this.#free; next = this.#waiting[0]) {
      this.#free -= next.size;
      this.#waiting.shift();
      next.admit();
    }
  }
}

/** Reads the rest of a body that nobody wants. @returns false when there is too much of it */
export async function discard(request: IncomingMessage): Promise<boolean> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_DISCARDED) return false;
  }
  return true;
}

async function read(request: IncomingMessage, max: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > max) throw tooLarge(max);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(max: number): ApiError {
  return new ApiError("BODY_TOO_LARGE", `the request body is larger than ${max} bytes`);
}
