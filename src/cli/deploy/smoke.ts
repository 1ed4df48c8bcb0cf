import { setTimeout } from "node:timers/promises";
import type { Stack, Worker } from "../../assembly/index.js";
import { answerOf, type WorkerAnswer } from "../../deploy/index.js";
import { CodedError } from "../../errors.js";
import type { CommandContext } from "../command.js";
import { Clients } from "../data/clients.js";
import { accountsOf } from "./engines.js";

/** A new certificate, or a new name, takes up to a minute. */
const PATIENCE = { attempts: 12, pause: () => setTimeout(5000) };
/** The emulator serves a Worker at once. */
const NO_PATIENCE = { attempts: 1, pause: () => Promise.resolve() };

/** A Worker with the addresses that a request can reach. */
export interface WorkerAddresses {
  readonly worker: string;
  readonly urls: readonly string[];
}

/** Where the Workers of a stack answer: at Cloudflare, or in the emulator. */
export async function workerAddresses(stack: Stack, context: CommandContext): Promise<readonly WorkerAddresses[]> {
  const emulator = emulatorOf(context);
  const subdomain = emulator === undefined ? await subdomainOf(stack, context) : undefined;
  return stack.workers.map((worker) => ({
    worker: worker.name,
    urls:
      emulator === undefined
        ? addressesOf(worker, subdomain)
        : [`${emulator.protocol}//${worker.name}.localhost:${emulator.port}/`],
  }));
}

/** Requests every address of every Worker; one that does not answer makes the run incomplete. */
export async function smokeTest(
  addresses: readonly WorkerAddresses[],
  context: CommandContext,
): Promise<readonly WorkerAnswer[]> {
  const { notes } = context;
  const patience = emulatorOf(context) === undefined ? PATIENCE : NO_PATIENCE;
  const answers: WorkerAnswer[] = [];
  for (const { worker, urls } of addresses) {
    if (urls.length === 0) notes.line(`Worker '${worker}' has no address that could be requested`);
    for (const url of urls) {
      const answer = await answerOf(url, patience);
      answers.push(answer);
      const verdict = answer.problem === undefined ? notes.paint("green", "ok") : notes.paint("red", "FAILED");
      notes.line(`${verdict} ${url} ${answer.problem ?? `answers ${answer.status ?? ""}`}`);
    }
  }
  if (answers.some(({ problem }) => problem !== undefined)) context.finishWith(4);
  return answers;
}

/** The addresses of a Worker that a request can reach; a wildcard stands for nothing. */
export function addressesOf(worker: Worker, subdomain: string | undefined): readonly string[] {
  const routes = worker.routes
    .filter((pattern) => !/^(https?:\/\/)?\*/.test(pattern))
    .map((pattern) => (pattern.includes("://") ? pattern : `https://${pattern}`).replaceAll("*", ""));
  return [
    ...worker.customDomains.map((host) => `https://${host}/`),
    ...routes.filter((url) => URL.canParse(url)),
    ...(worker.workersDev && subdomain !== undefined ? [`https://${worker.name}.${subdomain}.workers.dev/`] : []),
  ];
}

function emulatorOf({ env }: CommandContext): URL | undefined {
  const baseUrl = env["CLOUDFLARE_BASE_URL"] ?? "";
  if (!URL.canParse(baseUrl)) return undefined;
  const url = new URL(baseUrl);
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(url.hostname) ? url : undefined;
}

async function subdomainOf(stack: Stack, context: CommandContext): Promise<string | undefined> {
  if (!stack.workers.some(({ workersDev }) => workersDev)) return undefined;
  try {
    return await new Clients(context).open(accountsOf(stack)[0]).workersSubdomain();
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    context.notes.line(`the workers.dev subdomain of the account cannot be read (${error.code})`);
    return undefined;
  }
}
