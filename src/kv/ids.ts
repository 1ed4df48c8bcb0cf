const HEX32 = /^[0-9a-f]{32}$/;

/** Whether a text has the form of Cloudflare's ids of accounts, zones and namespaces: 32 lower-case hexadecimal digits. */
export function isHexId(text: string): boolean {
  return HEX32.test(text);
}
