/** One of the two streams of a command. */
export interface Channel {
  /** Writes a line. */
  line(text?: string): void;
  /** Writes without a line break. */
  write(text: string): void;
  /** Writes without a line break, and resolves once the reader has taken it, so that no more than one piece of a long output waits. */
  send(text: string): Promise<void>;
  /** Writes a value as JSON, readable. */
  json(value: unknown): void;
  /** The text in a style if the stream is a terminal with color, otherwise unchanged. */
  paint(style: Style, text: string): string;
  /** Whether it is a terminal rather than a file or another program. */
  readonly isTerminal: boolean;
}

export type Style = keyof typeof STYLES;

const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Where a channel writes: a stream of the process, or a buffer of a test. */
export interface Sink {
  /** Calls back once the text is out of this process's hands. */
  write(text: string, written?: () => void): unknown;
  readonly isTTY?: boolean;
}

/** Makes a channel of a stream. Color needs a terminal, and an environment without `NO_COLOR`. */
export function channel(sink: Sink, env: Readonly<Record<string, string | undefined>>): Channel {
  const isTerminal = sink.isTTY === true;
  const coloured = isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  const write = (text: string): void => void sink.write(text);
  const line = (text = ""): void => write(`${text}\n`);
  return {
    isTerminal,
    write,
    send: (text) => new Promise((resolve) => void sink.write(text, resolve)),
    line,
    json: (value) => line(JSON.stringify(value, null, 2)),
    paint: (style, text) => {
      const [on, off] = STYLES[style];
      return coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text;
    },
  };
}

/**
 * The channels of this process: the only place that touches its streams. A reader that goes away, as in
 * `cfkv list | head`, ends the process quietly.
 */
export function processChannels(): { readonly results: Channel; readonly notes: Channel } {
  for (const [name, stream] of [["stdout", process.stdout] as const, ["stderr", process.stderr] as const]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit();
      // Nothing more can be printed there, and the output is incomplete.
      if (name === "stdout") {
        process.stderr.write(`error FILE_UNWRITABLE: stdout cannot be written (${error.code ?? error.message})\n`);
      }
      process.exit(1);
    });
  }
  return { results: channel(process.stdout, process.env), notes: channel(process.stderr, process.env) };
}
