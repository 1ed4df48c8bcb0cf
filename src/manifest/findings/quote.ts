import { printable } from "../../values/text.js";

const MAX = 60;

/** Text from a file in quotes, shortened and without control characters, safe to print in a message. */
export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 4 * MAX));
  const short = characters.length > MAX ? `${characters.slice(0, MAX).join("")}…` : characters.join("");
  return `'${printable(short)}'`;
}
