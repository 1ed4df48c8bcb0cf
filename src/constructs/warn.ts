import { AnnotationMetadataEntryType } from "cdktf";
import type { IConstruct } from "constructs";

/** What is allowed but rarely intended. Each becomes a warning of the stack; `--strict` makes them errors. */
export type CheckCode =
  | "KV_BOUND_TWICE"
  | "KV_OTHER_ENVIRONMENT"
  | "KV_NO_TTL"
  | "KV_NO_DESCRIPTION"
  | "KV_COUNTER"
  | "KV_NAME_ENVIRONMENT"
  | "KV_UNBOUND"
  | "KV_SECRET_ENTRY"
  | "KV_TOO_MANY"
  | "WORKER_OLD_DATE"
  | "LOCK_OUTDATED"
  | "STACK_GONE"
  | "WORKER_CONTENT_IGNORED"
  | "WORKER_UNREACHABLE"
  | "VAR_LOOKS_SECRET"
  | "PROVIDER_TOO_OLD"
  | "PROVIDER_TOO_NEW";

/** Not through cdktf's Annotations, which add a stack trace: this machine's paths must not get into the file. */
export function warn(construct: IConstruct, code: CheckCode | "PROTECTED_GONE", message: string): void {
  const text = `${code}: ${message}`;
  const isKnown = construct.node.metadata.some(({ data }) => data === text);
  if (!isKnown) construct.node.addMetadata(AnnotationMetadataEntryType.WARN, text);
}
