import { relative, resolve } from "node:path";
import { fileOf, type Manifest } from "../manifest/index.js";

/** What documents are defined with, beside what they say themselves. */
export interface DefineOptions {
  /**
   * The account of documents that name none: 32 hexadecimal digits.
   *
   * @default - the environment variable CLOUDFLARE_ACCOUNT_ID
   */
  readonly accountId?: string;

  /**
   * The folder that the paths of manifests are relative to.
   *
   * @default - the working directory
   */
  readonly cwd?: string;

  /** Looks only at what the documents say: code is not bundled, files need not exist, any account will do. */
  readonly isRehearsal?: boolean;
}

const ANY_ACCOUNT = "0".repeat(32);

/** The account of a document; undefined when nobody names one. */
export function accountOf(own: string | undefined, { accountId, isRehearsal }: DefineOptions): string | undefined {
  const named = own ?? accountId ?? process.env["CLOUDFLARE_ACCOUNT_ID"];
  return (named === "" ? undefined : named) ?? (isRehearsal === true ? ANY_ACCOUNT : undefined);
}

/** A file that a document names, as constructs take it: relative to the working directory. */
export function constructFile(
  manifest: Pick<Manifest, "document">,
  file: string,
  { cwd = process.cwd() }: DefineOptions,
): string {
  return relative(process.cwd(), resolve(cwd, fileOf(manifest, file)));
}
