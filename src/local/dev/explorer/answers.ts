/** The messages between the explorer's page and its server. */

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
  /** The names of Workers' bindings to it. */
  readonly bindings: readonly string[];
  /** 0: keys do not expire. */
  readonly ttlSeconds: number;
  readonly description?: string;
}

/** `GET …/keys` */
export interface KeysAnswer {
  readonly keys: readonly KeyAnswer[];
  /** The cursor of the next page; absent on the last one. */
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
  /** Changes with any change of the entry. */
  readonly version: string;
}

/** `PUT …/values/<key>` */
export interface EntryWrite {
  readonly text?: string;
  /** The key whose value is copied, byte for byte, instead of `text`. */
  readonly from?: string;
  readonly metadata?: unknown;
  readonly expiration?: number;
  readonly expirationTtl?: number;
  /**
   * The version to replace; `null`: the key must not exist. Any other state is a conflict.
   *
   * @default - any entry is replaced
   */
  readonly expects?: string | null;
}

/** `POST …/search`: which of some keys have a value that contains a string. */
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

/** Every error. */
export interface ProblemAnswer {
  readonly problem: string;
  /** The version that was found if it is not {@link EntryWrite.expects}. */
  readonly conflict?: "exists" | "changed" | "gone";
}
