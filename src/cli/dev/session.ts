import { watch, type FSWatcher } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { Assembly, Stack } from "../../assembly/index.js";
import type { DevServer } from "../../local/dev/server.js";
import { isSource } from "../../local/dev/sources.js";
import { SourceWatcher } from "../../local/dev/watch.js";
import type { CommandContext } from "../command.js";
import { printUpdate } from "./report.js";
import { renderError } from "../errors.js";
import type { Project } from "../project.js";
import { recordEnvironment } from "../app/app-environment.js";
import { filesOfApp } from "../app/app-files.js";
import { synthesizeApp } from "../app/synth.js";

export interface DevSessionOptions {
  readonly project: Project;
  readonly server: DevServer;
  readonly context: CommandContext;
  readonly read: () => { readonly assembly: Assembly; readonly stack: Stack };
  readonly vars: (stack: Stack) => ReadonlyMap<string, string>;
  /** Whether a changed source of the app triggers a synthesis; otherwise the session only waits for a new assembly. */
  readonly mayWrite: boolean;
}

/** Keeps a dev server up to date: one round after another, never two at once. */
export class DevSession {
  /** What has changed since the last round began, relative to the project's folder. */
  readonly #changed = new Set<string>();
  #round: Promise<void> | undefined;
  #sources: SourceWatcher | undefined;
  #assembly: FSWatcher | undefined;
  #stopping = false;
  /** The app's source files; undefined while they are unknown. */
  #app: ReadonlySet<string> | undefined;
  /** The failure of the last round. */
  #problem: string | undefined;
  /** Whether the assembly is older than the app's sources because the app failed. */
  #isAppStale = false;

  constructor(private readonly options: DevSessionOptions) {}

  /** Starts watching. Call it before printing that the server runs: the next change may come at once. */
  async start(): Promise<void> {
    const { project } = this.options;
    this.#sources = await SourceWatcher.start(project.directory, { except: [project.output] }, (files) => {
      this.#request(files);
    });
    await this.#lookAround();
    this.#assembly = this.#watchAssembly();
  }

  /** Stops watching, and waits for the current round. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#sources?.close();
    this.#assembly?.close();
    await this.#round;
  }

  /** Others may synthesize too, such as `cdktf synth` in another terminal. The manifest is written last. */
  #watchAssembly(): FSWatcher | undefined {
    const { output } = this.options.project;
    try {
      return watch(output, (_, name) => {
        if (name === "manifest.json") this.#request([this.#manifest]);
      });
    } catch {
      return undefined;
    }
  }

  get #manifest(): string {
    return join(basename(this.options.project.output), "manifest.json");
  }

  /** Finds the sources of the app and the Workers, and also watches those outside the project. */
  async #lookAround(): Promise<void> {
    const { project, server, mayWrite } = this.options;
    if (mayWrite) this.#app = await filesOfApp(project);
    const folders = (server.running?.migrated ?? []).flatMap(({ folders }) => folders);
    const watched = folders.map(({ source }) => resolve(project.directory, source));
    this.#sources?.addFolders(watched.filter((folder) => !isSource(project.directory, folder, true, { except: [] })));
    const files = [...(this.#app ?? []), ...(server.builds?.inputs ?? [])];
    this.#sources?.add(
      files.filter(
        (file) =>
          !relative(project.directory, file).split(/[\\/]/).includes("node_modules") &&
          !isSource(project.directory, file, false, { except: [project.output] }),
      ),
    );
  }

  #request(files: readonly string[]): void {
    for (const file of files) this.#changed.add(file);
    this.#round ??= this.#rounds().finally(() => (this.#round = undefined));
  }

  async #rounds(): Promise<void> {
    while (this.#changed.size > 0) {
      const files = [...this.#changed];
      this.#changed.clear();
      await this.#run(files);
    }
  }

  /** Whether a file may be a source of the app, so that the app has to run again. */
  #concernsApp(file: string): boolean {
    if (file === this.#manifest || basename(file).startsWith(".dev.vars")) return false;
    const path = resolve(this.options.project.directory, file);
    const isOfWorkers = this.options.server.builds?.inputs.has(path) === true;
    return !isOfWorkers || this.#isAppStale || this.#app === undefined || this.#app.has(path);
  }

  async #run(files: readonly string[]): Promise<void> {
    const { server, context, read, vars, mayWrite } = this.options;
    const { notes } = context;
    const started = performance.now();
    const runsApp = mayWrite && files.some((file) => this.#concernsApp(file));
    try {
      if (runsApp) {
        this.#isAppStale = true;
        await synthesizeApp(this.options.project, context);
        this.#isAppStale = false;
        await recordEnvironment(this.options.project, context.env, await filesOfApp(this.options.project));
      }
      const { assembly, stack } = read();
      const update = await server.update(assembly, stack, vars(stack));
      printUpdate(update, notes);
      const ms = Math.round(performance.now() - started);
      const fixed = this.#problem === undefined ? "" : `${notes.paint("green", "fixed")}: `;
      this.#problem = undefined;
      // Otherwise print nothing: a log of this output may be among the watched files.
      if (update.changed) notes.line(`${fixed}${notes.paint("green", "reloaded")} in ${ms} ms (${namesOf(files)})`);
      else if (fixed !== "") notes.line(`${fixed}the running stack is up to date (${namesOf(files)})`);
    } catch (error) {
      // The interruption ended the app too.
      if (this.#stopping) return;
      const problem = String(error);
      // Editors save twice, and other files change meanwhile: the same failure is not printed again.
      if (problem === this.#problem && !runsApp) return;
      this.#problem = problem;
      renderError(error, notes);
      notes.line(notes.paint("yellow", "still serving the last good build"));
    }
    await this.#lookAround();
  }
}

function namesOf(files: readonly string[]): string {
  const [first = "", ...more] = new Set(files);
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}
