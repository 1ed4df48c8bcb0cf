import type * as miniflare from "miniflare";
import { InputError } from "../../errors.js";

export type MiniflareModule = typeof miniflare;

/** The version that is tested; the last one that runs on Node 20. */
const TESTED = "4.20260426.0";

/**
 * Miniflare is an optional peer: most of this package does not need it.
 *
 * @throws InputError `MINIFLARE_MISSING` when it is not installed, with the command that installs it.
 */
export async function loadMiniflare(
  load: () => Promise<MiniflareModule> = () => import("miniflare"),
): Promise<MiniflareModule> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new InputError(
      "MINIFLARE_MISSING",
      "running Workers on this machine needs the package 'miniflare', which is not installed",
      `npm i -D miniflare@${TESTED}`,
      { cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
}

/** The newest compatibility date of the installed workerd; Miniflare refuses later ones. */
export function newestDate(module: MiniflareModule): string {
  // The deprecation recommends today's date, which Miniflare refuses when workerd is older.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  return module.supportedCompatibilityDate;
}
