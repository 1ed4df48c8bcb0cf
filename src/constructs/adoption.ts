import { Token } from "cdktf";
import { isHexId } from "../kv/ids.js";
import { didYouMean } from "../suggest.js";
import { GradualRollout } from "./rollout.js";
import type { WorkerAdoptProps, WorkerWithKvBindingsProps } from "./worker-props.js";

type Props = Pick<WorkerWithKvBindingsProps, "adopt" | "keepSecrets" | "rollout" | "routes" | "customDomains">;

/** Whether a Worker takes over one that exists. */
export function isAdopted({ adopt }: Props): boolean {
  return adopt !== undefined && adopt !== false;
}

/** The ids that a Worker is adopted with. */
export function idsOf({ adopt }: Props): WorkerAdoptProps {
  return typeof adopt === "object" ? adopt : {};
}

/** What is wrong with adopting, before anything is imported under a wrong id. */
export function adoptionProblems(props: Props): string[] {
  const { keepSecrets, rollout, routes = [], customDomains = [] } = props;
  const ids = idsOf(props);
  const isGradual = rollout instanceof GradualRollout;
  const problems = [
    ...idProblems(
      "routes",
      ids.routes ?? {},
      "pattern",
      routes.map(({ pattern }) => pattern),
    ),
    ...idProblems(
      "customDomains",
      ids.customDomains ?? {},
      "hostname",
      customDomains.map(({ hostname }) => hostname),
    ),
  ];
  if (isGradual && keepSecrets === true) {
    problems.push("keepSecrets does not apply to a gradual rollout: each version has exactly the bindings it declares");
  }
  if (!isGradual && ids.workerId !== undefined)
    problems.push("adopt: workerId applies only to a gradual rollout: remove it");
  return problems;
}

function idProblems(
  field: string,
  ids: Readonly<Record<string, string>>,
  by: string,
  known: readonly string[],
): string[] {
  return Object.entries(ids).flatMap(([name, id]) => [
    ...(known.includes(name) ? [] : [`adopt: ${field} has no ${by} '${name}'${didYouMean(name, known)}`]),
    ...(Token.isUnresolved(id) || isHexId(id) || /^[0-9a-f-]{36}$/.test(id)
      ? []
      : [`adopt: ${field} '${name}' must be an id as Cloudflare's API lists it, got '${id}'`]),
  ]);
}
