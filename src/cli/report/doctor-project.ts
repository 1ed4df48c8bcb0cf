import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Assembly, readAssembly } from "../../assembly/index.js";
import { CodedError } from "../../errors.js";
import { findLock, readLock } from "../../lock/index.js";
import { count } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import { readProject } from "../project.js";
import type { DoctorItem } from "./doctor-item.js";

const YEAR_MS = 365 * 86_400_000;

/** What the project has: stacks, state, lock, secrets, dates. */
export function lookAtProject(context: CommandContext, output: string | undefined): DoctorItem[] {
  const project = attempt(() => readProject(context, output));
  const assembly = project instanceof CodedError ? project : attempt(() => readAssembly(project.output));
  const isRead = !(assembly instanceof CodedError);
  return [
    {
      item: "stacks",
      ok: isRead,
      found: isRead ? count(assembly.stacks.length, "stack") : assembly.message,
      mend: "cfkv synth",
    },
    ...(isRead ? [stateItem(assembly), providerItem(assembly), dateItem(assembly)] : []),
    lockItem(context),
    secretsItem(context),
  ];
}

function stateItem({ stacks }: Assembly): DoctorItem {
  const local = stacks.filter(({ stateFile, protected: isProtected }) => stateFile !== undefined && isProtected);
  return {
    item: "state that a team can share",
    ok: stacks.length === 0 ? null : local.length === 0,
    found:
      local.length === 0
        ? "no protected stack keeps its state on this machine"
        : `${count(local.length, "protected stack")} with state in a file of this machine`,
    mend: "backend: r2Backend({ bucket }) in the EnvironmentSet",
  };
}

function providerItem({ stacks }: Assembly): DoctorItem {
  const old = stacks.flatMap(({ annotations }) => annotations).find(({ message }) => /^PROVIDER_TOO_/.test(message));
  return {
    item: "provider constraint",
    ok: old === undefined,
    found: old === undefined ? "allows versions that are known to work" : old.message,
    mend: "leave providerVersion out, or require what the message says",
  };
}

function dateItem({ stacks }: Assembly): DoctorItem {
  const dates = stacks.flatMap(({ workers }) =>
    workers.flatMap(({ versions }) => versions.flatMap(({ compatibilityDate }) => compatibilityDate ?? [])),
  );
  const oldest = dates.sort()[0];
  const isOld = oldest !== undefined && Date.now() - Date.parse(oldest) > YEAR_MS;
  return {
    item: "compatibility dates younger than a year",
    ok: oldest === undefined ? null : !isOld,
    found: oldest === undefined ? "no Worker has one" : `the oldest is ${oldest}`,
    mend: `compatibilityDate: "${new Date().toISOString().slice(0, 10)}", after a test with cfkv dev`,
  };
}

function lockItem({ cwd }: CommandContext): DoctorItem {
  const place = findLock([cwd]);
  const path = place !== undefined && existsSync(place) ? place : undefined;
  const lock = path === undefined ? undefined : attempt(() => readLock(path));
  return {
    item: "cfkv.lock.json, which protects names",
    ok: lock !== undefined && !(lock instanceof CodedError),
    found: path === undefined ? "there is none" : lock instanceof CodedError ? lock.message : path,
    mend: path === undefined ? "cfkv synth, then commit cfkv.lock.json" : "restore it from git",
  };
}

/** Secrets of `cfkv dev` must not be committed. */
function secretsItem({ cwd }: CommandContext): DoctorItem {
  const item = ".dev.vars ignored by git";
  if (!existsSync(join(cwd, ".dev.vars"))) return { item, ok: null, found: "there is no .dev.vars" };
  try {
    execFileSync("git", ["check-ignore", "-q", ".dev.vars"], { cwd, stdio: "ignore" });
    return { item, ok: true, found: "ignored" };
  } catch (error) {
    const isVisible = (error as { status?: number }).status === 1;
    if (!isVisible) return { item, ok: null, found: "this is no git repository" };
    return { item, ok: false, found: "git would commit it", mend: "echo .dev.vars >> .gitignore" };
  }
}

function attempt<Result>(work: () => Result): Result | CodedError {
  try {
    return work();
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}
