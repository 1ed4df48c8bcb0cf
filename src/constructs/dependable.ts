import {
  type ITerraformAddressable,
  Lazy,
  TerraformDataSource,
  TerraformLocal,
  type TerraformProvider,
  TerraformResource,
} from "cdktf";
import type { Construct } from "constructs";

const ID = "Ready";

/**
 * What others wait for when they depend on a construct: a local value that refers to every resource inside. Terraform
 * follows it like a resource. It is defined on first use, so that stacks that do not need it stay unchanged.
 */
export function everythingInside(construct: Construct): string {
  const known = construct.node.tryFindChild(ID) as (Construct & ITerraformAddressable) | undefined;
  const ready = known ?? new TerraformLocal(construct, ID, Lazy.anyValue({ produce: () => idsInside(construct) }));
  return ready.fqn;
}

function idsInside(construct: Construct): string[] {
  return construct.node
    .findAll()
    .filter((node) => node instanceof TerraformResource)
    .map((resource) => {
      const { count } = resource["rawOverrides"] as { readonly count?: unknown };
      return count === undefined ? resource.getStringAttribute("id") : `\${join(",", ${resource.fqn}[*].id)}`;
    });
}

/** Assigns one of several providers to everything inside a construct. */
export function useProvider(construct: Construct, provider: TerraformProvider | undefined): void {
  if (provider === undefined) return;
  for (const node of construct.node.findAll()) {
    if (node instanceof TerraformResource || node instanceof TerraformDataSource) node.provider = provider;
  }
}
