import { WorkersCronTrigger } from "@cdktf/provider-cloudflare/lib/workers-cron-trigger/index.js";
import { WorkersCustomDomain } from "@cdktf/provider-cloudflare/lib/workers-custom-domain/index.js";
import { WorkersRoute } from "@cdktf/provider-cloudflare/lib/workers-route/index.js";
import { WorkersScriptSubdomain } from "@cdktf/provider-cloudflare/lib/workers-script-subdomain/index.js";
import { Worker } from "@cdktf/provider-cloudflare/lib/worker/index.js";
import type { IConstruct } from "constructs";

/** For each app, the Workers that other Workers call or send traces to: by name, or by the reference to it. */
const called = new WeakMap<IConstruct, Set<string>>();

/** Notes that a Worker calls others, or sends its traces to them. */
export function noteCalled(construct: IConstruct, names: readonly string[]): void {
  if (names.length === 0) return;
  const { root } = construct.node;
  const known = called.get(root) ?? new Set<string>();
  called.set(root, known);
  for (const name of names) known.add(name);
}

/** The constructs that anything outside can call: those with an address or a schedule inside. */
export class Reach {
  private readonly owners = new Set<IConstruct>();
  private hasOthers = false;

  /** @param nodes everything in a stack */
  constructor(nodes: readonly IConstruct[], isWorker: (node: IConstruct) => boolean) {
    for (const node of nodes.filter(isAddress)) {
      const owner = node.node.scopes.find(isWorker);
      if (owner === undefined) this.hasOthers = true;
      else this.owners.add(owner);
    }
  }

  /** Also true when another Worker calls it, and when the stack defines addresses of its own, which may be this Worker's. */
  includes(worker: IConstruct, names: readonly string[]): boolean {
    const callers = called.get(worker.node.root);
    return this.hasOthers || this.owners.has(worker) || names.some((name) => callers?.has(name));
  }
}

function isAddress(node: IConstruct): boolean {
  return (
    node instanceof WorkersRoute ||
    node instanceof WorkersCustomDomain ||
    node instanceof WorkersCronTrigger ||
    (node instanceof WorkersScriptSubdomain && node.enabledInput === true) ||
    (node instanceof Worker && node.subdomain.enabledInput === true)
  );
}
