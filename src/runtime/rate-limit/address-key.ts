/**
 * The key to limit an address by: IPv4 as it is, IPv6 by its /64, because one customer has all of that. An IPv4
 * address written as IPv6 is the IPv4 address. Anything else is returned unchanged.
 *
 * @example
 * limiter.check(addressKey(request.headers.get("CF-Connecting-IP") ?? "unknown"));
 */
export function addressKey(address: string): string {
  const [head = "", tail, more] = address.toLowerCase().split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const missing = 8 - left.length - right.length;
  const complete = tail === undefined ? missing === 0 : missing > 0;
  const groups = [...left, ...Array<string>(Math.max(0, missing)).fill("0"), ...right];
  if (!complete || more !== undefined || !groups.every((group) => /^[\da-f]{1,4}$/.test(group))) return address;
  const numbers = groups.map((group) => parseInt(group, 16));
  const [high = 0, low = 0] = numbers.slice(6);
  if (numbers.slice(0, 6).join() === "0,0,0,0,0,65535") return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  return `${numbers
    .slice(0, 4)
    .map((number) => number.toString(16))
    .join(":")}::/64`;
}

/** The groups of one side of `::`; a dotted end is two. */
function groupsOf(side: string): string[] {
  return side === ""
    ? []
    : side.split(":").flatMap((group) => {
        const bytes = group.split(".").map(Number);
        if (bytes.length !== 4 || !bytes.every((byte) => byte >= 0 && byte < 256)) return [group];
        const [a = 0, b = 0, c = 0, d = 0] = bytes;
        return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
      });
}
