import type { IncomingMessage } from "node:http";
import { ApiError } from "./api/errors.js";

/** The most bytes of bodies in memory at the same time. */
const BUDGET = 256_000_000;
/** How many bytes of a refused body are read and discarded, so that the client can read the answer. */
const MAX_DISCARDED = 200_000_000;

/** Reads a request's body into memory. `release` it when the request is answered. */
export interface ReceivedBody {
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

/**
 * Keeps the memory of request bodies bounded: a body is not read before there is room for all of it, and until then TCP
 * makes its client wait.
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
    // First come, first served: small bodies must not keep a large one waiting forever.
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

/** Reads and discards the rest of a body. @returns false when there is too much of it */
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
