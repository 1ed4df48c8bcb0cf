const MAX = 60;

/** Text from a file in quotes, shortened and without control characters, safe to print in a message. */
export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 4 * MAX));
  const short = characters.length > MAX ? `${characters.slice(0, MAX).join("")}…` : characters.join("");
  return `'${printable(short)}'`;
}

/** Control characters, line ends and text-direction marks made visible, so that a file cannot steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
