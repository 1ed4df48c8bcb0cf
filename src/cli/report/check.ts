import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { InputError } from "../../errors.js";
import { type Assembly, readAssembly, type Stack } from "../../assembly/index.js";
import { checkStack } from "../../report/checks/declared.js";
import type { Finding } from "../../report/checks/finding.js";
import { checkLive } from "../../report/checks/live.js";
import { readAccounts } from "../../report/live/account.js";
import { count, printable } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { CheckOptions } from "../commands/check.js";
import { Clients } from "../data/clients.js";
import { readProject } from "../project.js";
import { stacksNamed } from "./stacks.js";
import { stateIds } from "./state-ids.js";

/** What `cfkv check --json` prints. */
export interface CheckReport {
  /** Whether the command exits with 0. */
  readonly valid: boolean;
  readonly problems: readonly Finding[];
  /** What no check can see. */
  readonly notMeasured: readonly string[];
}

const NOT_MEASURED = [
  "hot keys: Cloudflare's analytics do not tell keys apart; KV takes one write a second to a key",
  "the size of single values: only their sum is measured",
];

/** `cfkv check`: everything that is known to be wrong. */
export async function checkCommand(
  target: string | undefined,
  options: CheckOptions,
  context: CommandContext,
): Promise<void> {
  const { assembly, stacks } = await targeted(target, options, context);
  const problems = stacks.flatMap(checkStack);
  if (options.live === true) {
    const clients = new Clients(context);
    const wish = { days: 7, now: new Date(), all: false, needsUsage: false };
    const accounts = await readAccounts(stacks, (accountId) => clients.open(accountId), wish);
    const live = { all: assembly.stacks, stateIds: stateIds(assembly.stacks), showKeys: options.showKeys === true };
    problems.push(...(await checkLive(stacks, accounts, live)));
  }
  const failing = problems.filter(
    ({ severity }) => severity === "error" || (options.strict === true && severity === "warning"),
  );
  const report: CheckReport = {
    valid: failing.length === 0,
    problems,
    notMeasured: options.live === true ? NOT_MEASURED : [],
  };
  if (options.json === true) context.results.json(report);
  else print(report, context);
  if (failing.length > 0) context.finishWith(1);
}

/** The stacks of the assembly, or those that manifests would make. */
async function targeted(
  target: string | undefined,
  options: CheckOptions,
  context: CommandContext,
): Promise<{ assembly: Assembly; stacks: readonly Stack[] }> {
  const path = target === undefined ? undefined : resolve(context.cwd, target);
  if (target !== undefined && path !== undefined && /[./\\]/.test(target) && existsSync(path)) {
    const { synthManifests } = await import("../../synth/index.js");
    const folder = mkdtempSync(join(tmpdir(), "cfkv-check-"));
    try {
      // Names are checked elsewhere: a check must not write the lock. Any account will do.
      const accountId = context.env["CLOUDFLARE_ACCOUNT_ID"] ?? "0".repeat(32);
      const set = synthManifests(folder, [path], { cwd: context.cwd, accountId, withoutLock: true });
      if (!set.isValid())
        throw new InputError("INVALID_MANIFEST", "the manifests have problems", `see: cfkv validate ${target}`);
      const assembly = readAssembly(folder);
      return { assembly, stacks: assembly.stacks };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const assembly = readAssembly(readProject(context, options.output).output);
  return { assembly, stacks: stacksNamed(assembly, target) };
}

const COLORS = { error: "red", warning: "yellow", advice: "cyan" } as const;

function print({ problems, notMeasured }: CheckReport, { results }: CommandContext): void {
  for (const { severity, code, message, stack, help } of problems) {
    results.line(`${results.paint(COLORS[severity], severity)} ${code} ${printable(stack)}: ${printable(message)}`);
    if (help !== undefined) results.line(`  help: ${printable(help)}`);
  }
  const of = (severity: Finding["severity"]): number => problems.filter((one) => one.severity === severity).length;
  const advice = of("advice");
  results.line(
    `${count(of("error"), "error")}, ${count(of("warning"), "warning")}, ${count(advice, "piece", "pieces")} of advice`,
  );
  for (const note of notMeasured) results.line(`not measured: ${note}`);
}
