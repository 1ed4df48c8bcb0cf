import { readAssembly } from "../../assembly/index.js";
import { DAYS_KEPT } from "../../cloudflare/analytics-client.js";
import { OPERATIONS } from "../../kv/prices.js";
import { estimateDocument } from "../../report/document/estimate-document.js";
import { BYTES_FORM, parseBytes, parseDollars, parseRate, RATE_FORM } from "../../report/estimate/amounts.js";
import { partsOfUse } from "../../report/estimate/usage-parts.js";
import { type Estimate, estimate, estimateNamespace } from "../../report/estimate/estimate.js";
import { NOTHING } from "../../report/estimate/use.js";
import { ASCII, UNICODE } from "../../report/render/characters.js";
import { renderText } from "../../report/render/text.js";
import type { CommandContext } from "../command.js";
import type { EstimateOptions } from "../commands/estimate.js";
import { UsageError } from "../errors.js";
import { readProject } from "../project.js";
import { liveStacks, stacksNamed } from "./stacks.js";
import { usageOf } from "./usage.js";

const SEE = "see: cfkv estimate --help";

/** `cfkv estimate`: what a month costs. */
export async function estimateCommand(
  name: string | undefined,
  options: EstimateOptions,
  context: CommandContext,
): Promise<void> {
  const budget = options.budget === undefined ? undefined : dollars(options.budget);
  const result =
    given(options, budget) ??
    (options.fromUsage === true
      ? await measured(name, options, context, budget)
      : declared(name, options, context, budget));
  if (options.json === true) context.results.json(result);
  else context.results.write(renderText(estimateDocument(result), options.ascii === true ? ASCII : UNICODE));
  if (result.budget?.exceeded === true) context.finishWith(1);
}

/** From amounts on the command line; undefined when there are none. */
function given(options: EstimateOptions, budget: number | undefined): Estimate | undefined {
  const amounts = OPERATIONS.flatMap((operation) => {
    const text = options[operation];
    return text === undefined ? [] : [[operation, rate(operation, text)] as const];
  });
  const storage = options.storage === undefined ? undefined : bytes(options.storage);
  if (amounts.length === 0 && storage === undefined) return undefined;
  const part = { ...NOTHING, ...Object.fromEntries(amounts), storageBytes: storage ?? 0 };
  return estimate("given", [part], [], budget);
}

/** From what Cloudflare measured: the bill is the account's, so namespaces that no stack declares count too. */
async function measured(
  name: string | undefined,
  options: EstimateOptions,
  context: CommandContext,
  budget: number | undefined,
): Promise<Estimate> {
  const stacks = stacksNamed(readAssembly(readProject(context, options.output).output), name);
  const accounts = await usageOf(stacks, { days: DAYS_KEPT, all: true, plan: "paid" }, context);
  return estimate("usage", accounts.flatMap(partsOfUse), [], budget);
}

/** From the workloads of the stacks. */
function declared(
  name: string | undefined,
  options: EstimateOptions,
  context: CommandContext,
  budget: number | undefined,
): Estimate {
  const stacks = liveStacks(readAssembly(readProject(context, options.output).output), name);
  const parts = stacks.flatMap(({ namespaces }) => namespaces.map(estimateNamespace));
  if (parts.every((each) => each.parts.length === 0)) {
    throw new UsageError(
      "there is nothing to estimate: no namespace of these stacks declares a workload",
      "name amounts, as in --reads 10M/month --writes 200k/month, or declare a workload in the namespaces",
    );
  }
  return estimate(
    "workload",
    parts.flatMap((each) => each.parts),
    parts.flatMap((each) => each.whatIf),
    budget,
  );
}

function rate(option: string, text: string): number {
  const value = parseRate(text);
  if (value === undefined) throw new UsageError(`--${option} must be ${RATE_FORM}, got '${text}'`, SEE);
  return value;
}

function bytes(text: string): number {
  const value = parseBytes(text);
  if (value === undefined) throw new UsageError(`--storage must be ${BYTES_FORM}, got '${text}'`, SEE);
  return value;
}

function dollars(text: string): number {
  const value = parseDollars(text);
  if (value === undefined) throw new UsageError(`--budget must be US dollars such as 20, got '${text}'`, SEE);
  return value;
}
