import { printable } from "../../values/text.js";

/** The width of the files that are written. */
export const WIDTH = 120;

/** Comment lines of a text, wrapped. Names in it come from files: none may end the comment. */
export function commentLines(text: string, indent: string, mark: "//" | "#"): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of printable(text.replace(/\s+/g, " ").trim()).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && indent.length + mark.length + 1 + longer.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((one) => `${indent}${mark} ${one}`);
}

/** The text of a string between double quotes, without them; what cannot be seen is escaped. */
export function quotedText(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu, escaped);
}

/** `\u2028`, or a pair of such for characters outside the first plane. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const code = character.charCodeAt(at).toString(16).padStart(4, "0");
    return `\\u${code}`;
  }).join("");
}
