import { watch, type FSWatcher } from "node:fs";
import { basename, join } from "node:path";
import type { Assembly, Stack } from "../../assembly/index.js";
import type { DevServer } from "../../local/dev/server.js";
import { SourceWatcher } from "../../local/dev/watch.js";
import type { CommandContext } from "../command.js";
import { printUpdate } from "./report.js";
import { renderError } from "../errors.js";
import type { Project } from "../project.js";
import { synthesizeApp } from "../app/synth.js";

export interface DevSessionOptions {
  readonly project: Project;
  readonly server: DevServer;
  readonly context: CommandContext;
  readonly read: () => { readonly assembly: Assembly; readonly stack: Stack };
  readonly vars: (stack: Stack) => ReadonlyMap<string, string>;
  /** Whether a changed source makes a new assembly; else only a new assembly is waited for. */
  readonly mayWrite: boolean;
}

/** What the next round has to do, at least. */
type Pending = "nothing" | "reload" | "synthesize";

/** Keeps a dev server up to date: one round after another, never two at once. */
export class DevSession {
  #pending: Pending = "nothing";
  #why: readonly string[] = [];
  #round: Promise<void> | undefined;
  #sources: SourceWatcher | undefined;
  #assembly: FSWatcher | undefined;
  #stopping = false;

  constructor(private readonly options: DevSessionOptions) {}

  /** Begins to watch. Call it before anybody is told that the server runs: the next change may come at once. */
  async start(): Promise<void> {
    const { project, mayWrite } = this.options;
    this.#sources = await SourceWatcher.start(project.directory, { except: [project.output] }, (files) => {
      const onlyVars = files.every((file) => basename(file).startsWith(".dev.vars"));
      this.#request(mayWrite && !onlyVars ? "synthesize" : "reload", files);
    });
    this.#assembly = this.#watchAssembly();
  }

  /** Ends the watching, and waits for the round that is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#sources?.close();
    this.#assembly?.close();
    await this.#round;
  }

  /** Somebody else may synthesize too: `cdktf synth` beside this, say. Its manifest is written last. */
  #watchAssembly(): FSWatcher | undefined {
    const { output } = this.options.project;
    try {
      return watch(output, (_, name) => {
        if (name === "manifest.json") this.#request("reload", [join(basename(output), name)]);
      });
    } catch {
      return undefined;
    }
  }

  #request(what: Exclude<Pending, "nothing">, files: readonly string[]): void {
    // What synthesizes also reloads.
    if (this.#pending === "synthesize" && what === "reload") return;
    this.#why = this.#pending === what ? [...this.#why, ...files] : files;
    this.#pending = what;
    this.#round ??= this.#rounds().finally(() => (this.#round = undefined));
  }

  async #rounds(): Promise<void> {
    while (this.#pending !== "nothing") {
      const what = this.#pending;
      this.#pending = "nothing";
      await this.#run(what, this.#why);
    }
  }

  async #run(what: Pending, why: readonly string[]): Promise<void> {
    const { server, context, read, vars } = this.options;
    const { notes } = context;
    const started = performance.now();
    try {
      if (what === "synthesize") await synthesizeApp(this.options.project, context);
      const { assembly, stack } = read();
      const update = await server.update(assembly, stack, vars(stack));
      printUpdate(update, notes);
      const ms = Math.round(performance.now() - started);
      // Silence otherwise: a log of this very output may be among the files that are watched.
      if (update.changed) notes.line(`${notes.paint("green", "reloaded")} in ${ms} ms (${namesOf(why)})`);
    } catch (error) {
      // The interruption has ended the app too.
      if (this.#stopping) return;
      renderError(error, notes);
      notes.line(notes.paint("yellow", "still serving the last good build"));
    }
  }
}

function namesOf(files: readonly string[]): string {
  const [first = "", ...more] = new Set(files);
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}
