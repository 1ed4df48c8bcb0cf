const HEX32 = /^[0-9a-f]{32}$/;

/** Whether a text has the form of Cloudflare's ids of accounts, zones and namespaces: 32 lower-case hexadecimal digits. */
export function isHexId(text: string): boolean {
  return HEX32.test(text);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text has the form of Cloudflare's ids of Worker versions and D1 databases: a lower-case UUID. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
