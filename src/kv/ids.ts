const HEX32 = /^[0-9a-f]{32}$/;

/** What {@link isHexId} accepts, for messages. */
export const HEX_ID_FORM = "32 lower-case hexadecimal digits";

/** Whether a string has the form of Cloudflare's ids of accounts, zones and namespaces. */
export function isHexId(text: string): boolean {
  return HEX32.test(text);
}

/** The rule for such an id; `what` names the field or argument. */
export function hexIdProblem(what: string, id: string): string | undefined {
  return isHexId(id) ? undefined : `${what} must be ${HEX_ID_FORM}, got '${id}'`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a string has the form of Cloudflare's ids of Worker versions and D1 databases: a lower-case UUID. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
