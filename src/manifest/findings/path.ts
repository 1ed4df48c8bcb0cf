const PLAIN_SEGMENT = /^[\p{L}\p{N}_$-]+$/u;

/** A path as people write it: `spec.ttlSeconds`, `resources[0].name`, `metadata.labels["a.b/c"]`. */
export function joinPath(segments: readonly (string | number)[]): string {
  let path = "";
  for (const segment of segments) {
    if (typeof segment === "number") path += `[${segment}]`;
    else if (!PLAIN_SEGMENT.test(segment)) path += `[${JSON.stringify(segment)}]`;
    else path += path === "" ? segment : `.${segment}`;
  }
  return path;
}
