/** Something that the tools need, and whether it is there. */
export interface DoctorItem {
  readonly item: string;
  /** Null when it cannot be known, or does not apply. */
  readonly ok: boolean | null;
  /** What was found. */
  readonly found: string;
  /** The command or edit that mends it. */
  readonly mend?: string;
}

/** What `cfkv doctor --json` prints. */
export interface DoctorReport {
  /** Whether nothing is missing. */
  readonly healthy: boolean;
  readonly items: readonly DoctorItem[];
}
