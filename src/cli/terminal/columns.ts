/** Rows in aligned columns, two spaces between them, without trailing spaces. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  const shown = widths.flatMap((width, at) => (width > 0 ? [at] : []));
  return rows.map((row) =>
    shown
      .map((at) => (row[at] ?? "").padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
