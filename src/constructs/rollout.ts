import { Token } from "cdktf";
import { isUuid } from "../kv/ids.js";
import { repeated } from "../values/text.js";
import type { WorkerCode } from "./worker-code.js";

/** One version of a Worker and its share of the traffic. */
export interface Release {
  /** The version's permanent name: its Terraform address is derived from it, so keep it while the version is in use. */
  readonly label: string;

  /** Percent of the requests, 0 to 100 with at most two decimals. A release at 0 is kept but gets none. */
  readonly percentage: number;

  /**
   * The code of this version.
   *
   * @default - the Worker's `code`
   */
  readonly code?: WorkerCode;

  /**
   * The id of an existing version, such as one that wrangler uploaded; nothing is created for it.
   *
   * @default - a version is created
   */
  readonly versionId?: string;
}

/** Options of {@link Rollout.gradual}. */
export interface GradualOptions {
  /**
   * Allows `vars`, `secrets`, `d1` and other bindings beside KV. The Cloudflare provider matches the bindings
   * of a version by position and can mix them up when there is more than one kind.
   *
   * @default false
   * @see https://github.com/cloudflare/terraform-provider-cloudflare/issues/7370
   */
  readonly mixedBindings?: boolean;
}

/** How new code reaches the traffic. */
export abstract class Rollout {
  /** Every apply sends all requests to the new code at once. */
  static allAtOnce(): Rollout {
    return ALL_AT_ONCE;
  }

  /** Keeps labelled versions and shares the traffic between at most two of them. */
  static gradual(releases: readonly Release[], options: GradualOptions = {}): Rollout {
    return new GradualRollout(releases, options);
  }
}

class AllAtOnceRollout extends Rollout {}
const ALL_AT_ONCE = new AllAtOnceRollout();

const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** What {@link Rollout.gradual} returns. */
export class GradualRollout extends Rollout {
  constructor(
    readonly releases: readonly Release[],
    readonly options: GradualOptions,
  ) {
    super();
  }

  /** Every broken rule of the releases. */
  problems(defaultCode: WorkerCode | undefined): string[] {
    const { releases } = this;
    const labels = releases.map(({ label }) => label);
    const problems = releases.flatMap((release) => releaseProblems(release, defaultCode));
    if (releases.length === 0) problems.push("rollout must have at least one release");
    problems.push(...repeated(labels).map((label) => `rollout has the label '${label}' twice`));
    const served = releases.filter(({ percentage }) => percentage > 0);
    if (served.length > 2) {
      problems.push(
        `rollout can share the traffic between two releases, got ${served.length}: set the others to percentage 0`,
      );
    }
    const hundredths = releases.reduce((sum, { percentage }) => sum + Math.round(percentage * 100), 0);
    if (releases.length > 0 && hundredths !== 10_000) {
      problems.push(`rollout percentages must sum to 100, got ${hundredths / 100}`);
    }
    return problems;
  }
}

function releaseProblems(release: Release, defaultCode: WorkerCode | undefined): string[] {
  const { label, percentage, code, versionId } = release;
  const where = `release '${label}'`;
  const problems: string[] = [];
  if (!LABEL.test(label)) {
    problems.push(`a release's label must be 1 to 63 letters, digits, '.', '_' or '-', got '${label}'`);
  }
  if (!(percentage >= 0 && percentage <= 100)) {
    problems.push(`${where}: percentage must be 0 to 100, got ${percentage}`);
  } else if (Math.abs(percentage * 100 - Math.round(percentage * 100)) > 1e-6) {
    problems.push(`${where}: percentage must have at most two decimals, got ${percentage}`);
  }
  if (versionId !== undefined && code !== undefined) {
    problems.push(`${where} must have code or a versionId, not both`);
  }
  if (versionId !== undefined && !Token.isUnresolved(versionId) && !isUuid(versionId)) {
    problems.push(`${where}: versionId must be a UUID, got '${versionId}'`);
  }
  if (versionId === undefined && code === undefined && defaultCode === undefined) {
    problems.push(`${where} has no code, and the Worker has none to use instead`);
  }
  return problems;
}
