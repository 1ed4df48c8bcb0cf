/** `1 byte`, `812 bytes`, `1.2 KiB`, `25 MiB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const [size, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KiB"] : [bytes / 1024 / 1024, "MiB"];
  return `${size.toFixed(size < 10 ? 1 : 0).replace(/\.0$/, "")} ${unit}`;
}
