import type { ConfigCode } from "./codes.js";
import type { Span } from "../yaml/tree.js";

export type Severity = "error" | "warning";

/** How a value breaks a rule. */
export interface Violation {
  readonly code: ConfigCode;
  readonly message: string;
  /** @default "error" */
  readonly severity?: Severity;
}

/** A violation and where it is. */
export interface Finding {
  readonly severity: Severity;
  readonly code: ConfigCode;
  readonly message: string;
  /** What to point at; a file that cannot be read has nothing to point at. */
  readonly span: Span | undefined;
  readonly file: string;
  /** The path in the document, as it is written there; empty for the document itself. */
  readonly path: string;
  /** 1 for the first document of the file, 0 when the problem is with the file. */
  readonly document: number;
  /** Whether the line may hold a secret, so that its values are not shown. */
  readonly confidential: boolean;
}

/** Collects every problem, so that one run reports all of them. */
export class Findings {
  readonly #all: Finding[] = [];
  readonly #seen = new Set<string>();
  #errors = 0;

  constructor(
    /** Rules that are warnings in this run, and what to add to their messages. */
    private readonly lenient: ReadonlyMap<ConfigCode, string> = new Map(),
  ) {}

  get all(): readonly Finding[] {
    return this.#all;
  }

  /** How many errors there are, warnings not counted. */
  get errors(): number {
    return this.#errors;
  }

  /** Adds a finding; the same one at the same place is added once, however often it is found. */
  add(found: Finding): void {
    const consequence = this.lenient.get(found.code);
    const finding: Finding =
      consequence === undefined ? found : { ...found, severity: "warning", message: found.message + consequence };
    const { code, message, file, span, path, severity } = finding;
    const key = JSON.stringify([code, message, file, span?.start ?? -1, path]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#all.push(finding);
    if (severity === "error") this.#errors += 1;
  }

  /** Adds a problem with a whole file. */
  addForFile(file: string, { code, message, severity = "error" }: Violation, span?: Span): void {
    this.add({ severity, code, message, span, file, path: "", document: 0, confidential: false });
  }
}
