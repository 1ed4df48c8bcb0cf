import type { Findings, Violation } from "./findings.js";
import { joinPath } from "./path.js";
import type { Span } from "../yaml/tree.js";

/** What all places of one document share. */
export interface PlaceContext {
  readonly findings: Findings;
  /** 1 for the first document of the file. */
  readonly number: number;
  /** Whether values of the document must not be shown. */
  readonly confidential: boolean;
}

/** A value's place in its document: what a problem with it is reported at. */
export class Place {
  readonly #parent: Place | undefined;
  readonly #segment: string | number | undefined;

  constructor(
    readonly context: PlaceContext,
    readonly span: Span,
    parent?: Place,
    segment?: string | number,
  ) {
    this.#parent = parent;
    this.#segment = segment;
  }

  /** The place of a member of this value, as the document spells it. */
  child(segment: string | number, span: Span): Place {
    return new Place(this.context, span, this, segment);
  }

  /** The same path, with something else to point at. */
  pointingAt(span: Span): Place {
    return new Place(this.context, span, this.#parent, this.#segment);
  }

  // Paths are put together only for problems: a document without any has thousands of places and no path.
  get path(): string {
    return joinPath(this.#segments());
  }

  report({ code, message, severity = "error" }: Violation): void {
    const { findings, number, confidential } = this.context;
    const { span, path } = this;
    findings.add({ severity, code, message, span, file: span.source.file, path, document: number, confidential });
  }

  #segments(): (string | number)[] {
    const above = this.#parent === undefined ? [] : this.#parent.#segments();
    return this.#segment === undefined ? above : [...above, this.#segment];
  }
}
