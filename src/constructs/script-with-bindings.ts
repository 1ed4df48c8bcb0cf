import { WorkerVersion, type WorkerVersionConfig } from "@cdktf/provider-cloudflare/lib/worker-version/index.js";
import { WorkersScript, type WorkersScriptConfig } from "@cdktf/provider-cloudflare/lib/workers-script/index.js";
import { Lazy } from "cdktf";
import type { Construct } from "constructs";
import type { RenderedBinding } from "./binding-table.js";

type Render = () => readonly RenderedBinding[] | undefined;

/** A script whose bindings may grow until it is synthesized; `addOverride("bindings.0.…")` works as on any other. */
export class ScriptWithBindings extends WorkersScript {
  constructor(
    scope: Construct,
    id: string,
    config: WorkersScriptConfig,
    private readonly render: Render,
  ) {
    super(scope, id, { ...config, bindings: Lazy.anyValue({ produce: render }) });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...super.synthesizeAttributes(), bindings: copies(this.render()) };
  }
}

/** A version whose bindings may grow until it is synthesized. */
export class VersionWithBindings extends WorkerVersion {
  constructor(
    scope: Construct,
    id: string,
    config: WorkerVersionConfig,
    private readonly render: Render,
  ) {
    super(scope, id, { ...config, bindings: Lazy.anyValue({ produce: render }) });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...super.synthesizeAttributes(), bindings: copies(this.render()) };
  }
}

/** Overrides are merged into what is returned, in place. */
function copies(bindings: readonly RenderedBinding[] | undefined): RenderedBinding[] | undefined {
  return bindings?.map((binding) => ({ ...binding }));
}
