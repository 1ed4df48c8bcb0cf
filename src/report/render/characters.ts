import { printable } from "../../values/text.js";

/** The characters that a text report is drawn with. */
export interface Characters {
  readonly done: string;
  readonly open: string;
  readonly unknown: string;
  readonly bar: string;
  readonly track: string;
  readonly doubleRule: string;
  readonly rule: string;
  readonly corners: readonly [topLeft: string, topRight: string, bottomLeft: string, bottomRight: string];
  readonly side: string;
  /** Makes a string safe to print in a terminal, in these characters. */
  readonly safe: (text: string) => string;
}

export const UNICODE: Characters = {
  done: "●",
  open: "○",
  unknown: "—",
  bar: "█",
  track: "░",
  doubleRule: "═",
  rule: "─",
  corners: ["┌", "┐", "└", "┘"],
  side: "│",
  safe: printable,
};

const PLAIN: Readonly<Record<string, string>> = {
  "●": "[x]",
  "○": "[ ]",
  "—": "-",
  "–": "-",
  "…": "...",
  "→": "->",
  "≥": ">=",
  "≤": "<=",
  "×": "x",
  "·": "-",
};

export const ASCII: Characters = {
  done: "[x]",
  open: "[ ]",
  unknown: " - ",
  bar: "#",
  track: ".",
  doubleRule: "=",
  rule: "-",
  corners: ["+", "+", "+", "+"],
  side: "|",
  safe: (text) =>
    // eslint-disable-next-line no-control-regex -- ASCII is what is left
    printable(text).replace(/[^\x00-\x7f]/gu, (one) => PLAIN[one] ?? `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`),
};
