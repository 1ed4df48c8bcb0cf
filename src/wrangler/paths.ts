import { relative, sep } from "node:path";

/** Where paths of the configuration begin. */
export interface ExportFolders {
  /** The folder that the app ran in, absolute. */
  readonly project: string;
  /** The folder of the configuration, absolute. */
  readonly target: string;
}

/** A path as wrangler and TypeScript take it: relative to the folder of a file, with forward slashes. */
export function pathFrom(folder: string, path: string): string {
  const found = relative(folder, path).replaceAll(sep, "/");
  return found === "" ? "." : found;
}
