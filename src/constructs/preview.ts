/** The variable that names a preview: its pull request or branch, as in `pr-12`. */
export const PREVIEW_VARIABLE = "CFKV_PREVIEW";

/** The preview that is asked for, if any. */
export function wantedPreview(): string | undefined {
  const preview = process.env[PREVIEW_VARIABLE];
  return preview === "" ? undefined : preview;
}
