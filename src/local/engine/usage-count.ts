/** What the meter counted in one hour, of one namespace and kind of operation. */
export interface UsageCount {
  /** The namespace's id. */
  readonly namespace: string;
  readonly action: "read" | "write" | "delete" | "list";
  /** Milliseconds since 1970 at which the hour began. */
  readonly hour: number;
  readonly requests: number;
  /** Bytes of values that were read or written. */
  readonly bytes: number;
  /** How often an operation took so many milliseconds. */
  readonly latencies: Readonly<Record<string, number>>;
}
