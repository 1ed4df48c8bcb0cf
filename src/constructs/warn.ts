import { AnnotationMetadataEntryType } from "cdktf";
import type { IConstruct } from "constructs";
import type { CheckCode } from "./check-codes.js";

/** Not through cdktf's Annotations, which add a stack trace: this machine's paths must not get into the file. */
export function warn(construct: IConstruct, code: CheckCode | "PROTECTED_GONE", message: string): void {
  const text = `${code}: ${message}`;
  const isKnown = construct.node.metadata.some(({ data }) => data === text);
  if (!isKnown) construct.node.addMetadata(AnnotationMetadataEntryType.WARN, text);
}
