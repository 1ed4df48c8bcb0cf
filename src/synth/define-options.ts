import { relative, resolve } from "node:path";
import { fileOf, type Manifest } from "../manifest/index.js";

/** Options for defining documents. */
export interface DefineOptions {
  /**
   * The account of documents that do not set one: 32 hexadecimal digits.
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

  /** Checks only the documents: code is not bundled, files need not exist, and any account is accepted. */
  readonly isRehearsal?: boolean;
}

const ANY_ACCOUNT = "0".repeat(32);

/** The account of a document; undefined when none is set. */
export function accountOf(own: string | undefined, { accountId, isRehearsal }: DefineOptions): string | undefined {
  const named = own ?? accountId ?? process.env["CLOUDFLARE_ACCOUNT_ID"];
  return (named === "" ? undefined : named) ?? (isRehearsal === true ? ANY_ACCOUNT : undefined);
}

/** A file that a document names, in the form that constructs expect: relative to the working directory. */
export function constructFile(
  manifest: Pick<Manifest, "document">,
  file: string,
  { cwd = process.cwd() }: DefineOptions,
): string {
  return relative(process.cwd(), resolve(cwd, fileOf(manifest, file)));
}
