import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { CodedError } from "../errors.js";
import { didYouMean } from "../suggest.js";
import { AppLock } from "./app-lock.js";
import { type EnvironmentPlan, planEnvironments } from "./environment-plan.js";
import type { EnvironmentSetProps } from "./environment-props.js";
import { Environment } from "./environment.js";
import { failOn } from "./problems.js";
import { ENVIRONMENT_SET } from "./environment-shapes.js";
import { problemsOf } from "./shape.js";

/**
 * Declares an app's namespaces and Worker once and defines one stack for each
 * environment, `<app>-<environment>`, that is deployed on its own.
 *
 * @example
 * new EnvironmentSet(app, "shop", {
 *   app: "shop",
 *   namespaces: { SESSIONS: { ttlSeconds: 1800 }, CACHE: { ttlSeconds: 3600 } },
 *   worker: { code: WorkerCode.fromEntry("src/worker.ts") },
 *   environments: { dev: { developers: ["alice", "bob"] }, staging: {}, prod: { namespaces: { CACHE: { ttlSeconds: 600
 * } } } }, });
 */
export class EnvironmentSet extends Construct {
  private readonly all: readonly Environment[];

  constructor(scope: Construct, id: string, props: EnvironmentSetProps) {
    super(scope, id);
    let plans: readonly EnvironmentPlan[] = [];
    failOn(
      [
        placeProblem(scope),
        ...problemsOf(props, ENVIRONMENT_SET, "EnvironmentSet", () => {
          const planned = planEnvironments(props);
          plans = planned.plans;
          return [...planned.problems, ...plans.map(({ stackName }) => takenProblem(scope, stackName))];
        }),
      ],
      this,
    );
    AppLock.of(this).forget(
      [...(props.retired ?? []), ...(props.deleted ?? [])].flatMap((name) => [name, `${props.app}-${name}`]),
    );
    this.all = plans.map((plan) => new Environment(scope, props, plan));
  }

  /** Every environment, and every developer's copy of one, as a copy in the order of declaration. */
  get environments(): readonly Environment[] {
    return [...this.all];
  }

  /**
   * One environment, or one developer's copy if it has developers.
   *
   * @throws CodedError `UNKNOWN_ENVIRONMENT` with the nearest name, or the developers to choose from
   */
  environment(name: string, developer?: string): Environment {
    const found = this.all.filter((environment) => environment.name === name);
    const wanted = found.find((environment) => environment.developer === developer);
    if (wanted !== undefined) return wanted;
    const developers = found.flatMap((environment) => environment.developer ?? []);
    throw new CodedError("UNKNOWN_ENVIRONMENT", this.unknown(name, developer, developers));
  }

  private unknown(name: string, developer: string | undefined, developers: readonly string[]): string {
    const names = new Set(this.all.map((environment) => environment.name));
    if (!names.has(name)) return `no environment is named '${name}'${didYouMean(name, names)}`;
    if (developers.length === 0) return `environment '${name}' has no developers`;
    const choice = developers.map((one) => `'${one}'`).join(", ");
    return developer === undefined
      ? `environment '${name}' has one stack per developer: use environment('${name}', developer) with ${choice}`
      : `environment '${name}' has no developer '${developer}'${didYouMean(developer, developers)}`;
  }
}

/** Stacks may be grouped by constructs, but not be inside each other. */
function placeProblem(scope: Construct): string | undefined {
  const { scopes } = scope.node;
  if (scopes.some((above) => App.isApp(above)) && !scopes.some((above) => TerraformStack.isStack(above)))
    return undefined;
  return "EnvironmentSet must be defined in the App, or in a construct of the App that is not in a stack: it creates stacks";
}

/** A stack's name is its folder in the assembly, wherever in the app it is defined. */
function takenProblem(scope: Construct, stackName: string): string | undefined {
  const isTaken =
    scope.node.tryFindChild(stackName) !== undefined ||
    scope.node.root.node.findAll().some((node) => TerraformStack.isStack(node) && node.node.id === stackName);
  if (!isTaken) return undefined;
  return `the app already has a stack '${stackName}': choose another app name, or rename the environment`;
}
