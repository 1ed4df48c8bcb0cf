import { didYouMean } from "../suggest.js";
import { repeated } from "../values/text.js";
import type { D1Props, DurableObjectProps, ServiceProps } from "./binding-props.js";
import type { EnvironmentD1Props } from "./environment-worker-props.js";
import type { PlannedWorker, WorkerPlan } from "./worker-plan.js";
import type { WorkerWithKvBindingsProps } from "./worker-props.js";

/** How a Worker finds the others of its environment. */
export interface Siblings {
  /** The name, as a reference that waits until the other Worker runs. */
  readonly name: (key: string) => string;
  /** The id of the database that another Worker has under a binding. */
  readonly databaseId: (key: string, binding: string) => string;
}

/** The props of a Worker with its references to others of the environment resolved. */
export function resolvedWorker(
  key: string,
  { d1, services, durableObjects, tailConsumers, ...props }: PlannedWorker,
  siblings: Siblings,
): Omit<PlannedWorker, "d1" | "services" | "durableObjects" | "tailConsumers"> & WorkerWithKvBindingsProps {
  // Terraform refuses a resource that refers to itself.
  const nameOf = (other: string): string => (other === key ? props.workerName : siblings.name(other));
  return {
    ...props,
    ...(d1 !== undefined && {
      d1: mapped(d1, ({ worker, ...database }, binding): D1Props =>
        worker === undefined ? database : { databaseId: siblings.databaseId(worker, binding) },
      ),
    }),
    ...(services !== undefined && {
      services: mapped(services, (to): string | ServiceProps => {
        if (typeof to === "string") return to;
        const { worker, service = "", ...rest } = to;
        return { ...rest, service: worker === undefined ? service : nameOf(worker) };
      }),
    }),
    ...(durableObjects !== undefined && {
      durableObjects: mapped(durableObjects, ({ worker, ...object }): DurableObjectProps =>
        worker === undefined || worker === key ? object : { ...object, scriptName: nameOf(worker) },
      ),
    }),
    ...(tailConsumers !== undefined && {
      tailConsumers: tailConsumers.map((to) => (typeof to === "string" ? to : nameOf(to.worker))),
    }),
  };
}

/** The Workers in an order in which each comes after those that it calls. There must be no circle. */
export function calleesFirst(plans: readonly WorkerPlan[]): readonly WorkerPlan[] {
  const sorted = new Set<WorkerPlan>();
  const visit = (plan: WorkerPlan): void => {
    for (const key of calleesOf(plan)) {
      const callee = plans.find((other) => other.key === key);
      if (callee !== undefined && !sorted.has(callee)) visit(callee);
    }
    sorted.add(plan);
  };
  for (const plan of plans) visit(plan);
  return [...sorted];
}

/** What is wrong with references between the Workers of one environment. */
export function siblingProblems(where: string, plans: readonly WorkerPlan[]): string[] {
  const unknown = plans.flatMap((plan) => unknownProblems(where, plan, plans));
  return [...unknown, ...databaseProblems(where, plans), ...(unknown.length === 0 ? circleProblems(where, plans) : [])];
}

interface Mention {
  readonly what: string;
  readonly key: string;
}

function mentionsOf({ props }: WorkerPlan): readonly Mention[] {
  const { services = {}, durableObjects = {}, tailConsumers = [] } = props;
  const all: (readonly [what: string, to: unknown])[] = [
    ...Object.entries(services).map(([name, to]) => [`services '${name}'`, to] as const),
    ...Object.entries(durableObjects).map(([name, to]) => [`durableObjects '${name}'`, to] as const),
    ...tailConsumers.map((to) => ["tailConsumers", to] as const),
  ];
  return all.flatMap(([what, to]) => {
    const key = typeof to === "object" ? (to as { readonly worker?: string }).worker : undefined;
    return key === undefined ? [] : [{ what, key }];
  });
}

/** Those it calls, without itself: Cloudflare accepts a script only after the Workers that its bindings name. */
function calleesOf(plan: WorkerPlan): readonly string[] {
  return mentionsOf(plan).flatMap(({ key }) => (key === plan.key ? [] : key));
}

function unknownProblems(where: string, plan: WorkerPlan, plans: readonly WorkerPlan[]): string[] {
  const keys = plans.map(({ key }) => key);
  const { services = {}, durableObjects = {}, d1 = {} } = plan.props;
  const databases = Object.entries(d1).flatMap(([name, { worker }]) =>
    worker === undefined ? [] : [{ what: `d1 '${name}'`, key: worker }],
  );
  const owner = `${where}: ${ownerOf(plan)}`;
  return [
    ...[...mentionsOf(plan), ...databases]
      .filter(({ key }) => !keys.includes(key))
      .map(
        ({ what, key }) =>
          `${owner}: ${what} names worker '${key}', which the environment does not have${didYouMean(key, keys)}`,
      ),
    ...Object.entries(services)
      .filter(([, to]) => typeof to === "object" && (to.service === undefined) === (to.worker === undefined))
      .map(
        ([name]) =>
          `${owner}: services '${name}' must have either a service, by its name, or a worker of the environment`,
      ),
    ...Object.entries(durableObjects)
      .filter(([, { scriptName, worker }]) => scriptName !== undefined && worker !== undefined)
      .map(
        ([name]) =>
          `${owner}: durableObjects '${name}' must have either a scriptName or a worker of the environment, not both`,
      ),
  ];
}

function databaseProblems(where: string, plans: readonly WorkerPlan[]): string[] {
  const shared = plans.flatMap((plan) => {
    const owner = `${where}: ${ownerOf(plan)}: d1`;
    return Object.entries(plan.props.d1 ?? {}).flatMap(([binding, { worker, ...rest }]) => {
      if (worker === undefined) return [];
      if (Object.keys(rest).length > 0)
        return [`${owner} '${binding}' binds the database of worker '${worker}', so it has no other fields`];
      const other = plans.find(({ key }) => key === worker);
      if (other === undefined) return [];
      const there = other.props.d1?.[binding];
      return there === undefined || there.worker !== undefined
        ? [`${owner} '${binding}': worker '${worker}' has no database of its own under that name`]
        : [];
    });
  });
  const created = plans.flatMap(({ props }) => Object.values(props.d1 ?? {}).flatMap(nameIfCreated));
  return [
    ...shared,
    ...repeated(created).map((name) => {
      const [first = "", ...others] = plans
        .filter(({ props }) => Object.values(props.d1 ?? {}).some((one) => nameIfCreated(one)[0] === name))
        .map(({ key }) => key);
      return (
        `${where}: several databases are named '${name}', of ${[first, ...others].map((key) => `'${key}'`).join(" and ")}: ` +
        `to share one, write { worker: "${first}" } in the others; or give each a databaseName`
      );
    }),
  ];
}

function nameIfCreated({ databaseName, databaseId, worker }: EnvironmentD1Props): string[] {
  return databaseName === undefined || databaseId !== undefined || worker !== undefined ? [] : [databaseName];
}

function circleProblems(where: string, plans: readonly WorkerPlan[]): string[] {
  const circle = firstCircle(plans);
  if (circle === undefined) return [];
  const [first = "", second = ""] = circle;
  return [
    `${where}: workers call each other in a circle (${[...circle, first].join(" → ")}), but Cloudflare accepts a binding only to a ` +
      `Worker that exists: deploy once without one of these bindings, then let '${first}' name '${second}' as ` +
      `{ service: "<its workerName>" }`,
  ];
}

function firstCircle(plans: readonly WorkerPlan[]): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (key: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(key)) return path.slice(path.indexOf(key));
    if (done.has(key)) return undefined;
    const plan = plans.find((other) => other.key === key);
    for (const callee of plan === undefined ? [] : calleesOf(plan)) {
      const circle = visit(callee, [...path, key]);
      if (circle !== undefined) return circle;
    }
    done.add(key);
    return undefined;
  };
  for (const { key } of plans) {
    const circle = visit(key, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** How messages name a Worker of a set. */
function ownerOf({ key }: WorkerPlan): string {
  return key === "worker" ? "worker" : `worker '${key}'`;
}

function mapped<T, U>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
