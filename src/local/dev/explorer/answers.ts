/** What the explorer's page and its server say to each other. */

/** `GET api/namespaces` */
export interface StackAnswer {
  /** Absent while nothing runs. */
  readonly stack?: string;
  readonly environment?: string;
  readonly developer?: string;
  readonly namespaces: readonly NamespaceAnswer[];
}

export interface NamespaceAnswer {
  readonly id: string;
  /** The names by which Workers know it. */
  readonly bindings: readonly string[];
  /** 0: keys do not expire. */
  readonly ttlSeconds: number;
  readonly description?: string;
}

/** `GET …/keys` */
export interface KeysAnswer {
  readonly keys: readonly KeyAnswer[];
  /** Of the next page; absent on the last one. */
  readonly cursor?: string;
}

export interface KeyAnswer {
  readonly name: string;
  /** Seconds since 1970. */
  readonly expiration?: number;
  readonly metadata?: unknown;
}

/** `GET …/values/<key>` */
export interface EntryAnswer {
  readonly key: string;
  readonly bytes: number;
  /** Absent when the value is not UTF-8, or too large to show. */
  readonly text?: string;
  /** `null` when there is none. */
  readonly metadata: unknown;
  readonly expiration?: number;
  /** Changes with everything that is stored under the key. */
  readonly version: string;
}

/** `PUT …/values/<key>` */
export interface EntryWrite {
  readonly text?: string;
  /** The key whose value is taken, byte for byte, instead of `text`. */
  readonly from?: string;
  readonly metadata?: unknown;
  readonly expiration?: number;
  readonly expirationTtl?: number;
  /**
   * The version that is to be replaced; `null`: the key must not exist. Anything else that is found is a conflict.
   *
   * @default - whatever is there is replaced
   */
  readonly expects?: string | null;
}

/** `POST …/search`: which of some keys have a value that contains a text. */
export interface SearchCall {
  readonly text: string;
  readonly keys: readonly string[];
}

export interface SearchAnswer {
  readonly keys: readonly string[];
}

/** `POST …/import?name=<file>`, with the file as the body; with `&check` nothing is written. */
export interface ImportAnswer {
  readonly entries: number;
  /** How many of their keys exist. */
  readonly replaced: number;
}

/** Every refusal. */
export interface ProblemAnswer {
  readonly problem: string;
  /** What was found where {@link EntryWrite.expects} said something else. */
  readonly conflict?: "exists" | "changed" | "gone";
}
