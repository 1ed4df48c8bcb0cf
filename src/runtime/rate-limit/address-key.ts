/**
 * What to limit an address by: IPv4 as it is, IPv6 by its /64, because one customer has all of that.
 *
 * @example
 * limiter.check(addressKey(request.headers.get("CF-Connecting-IP") ?? "unknown"));
 */
export function addressKey(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address.replace(/^::ffff:/i, "");
  const [head = "", tail] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = new Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${groups.join(":")}::/64`;
}
