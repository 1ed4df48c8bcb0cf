import { TerraformResource, type TerraformStack } from "cdktf";
import type { IConstruct, Node } from "constructs";
import { stackOf } from "./core.js";

/** The path of a resource that is itself the construct. */
const ITSELF = "Resource";

/** The path of a construct below its stack. */
export function idInStack(construct: IConstruct): string {
  const { scopes } = construct.node;
  return scopes
    .slice(scopes.indexOf(stackOf(construct)) + 1)
    .map(({ node }) => node.id)
    .join("/");
}

/** The Terraform address of each resource of a construct, by its path in the construct. */
export function addressesOf(construct: IConstruct, isOther: (resource: TerraformResource) => boolean = () => false) {
  return Object.fromEntries(
    resourcesOf(construct, isOther).map(([part, resource]) => [part, addressOf(resource, resource.friendlyUniqueId)]),
  );
}

/** The addresses that the same resources would have if the construct had another path below its stack. */
export function addressesUnder(
  construct: IConstruct,
  id: string,
  isOther: (resource: TerraformResource) => boolean = () => false,
): Record<string, string> {
  const stack = stackOf(construct);
  const addresses = resourcesOf(construct, isOther).map(([part, resource]) => {
    const isItself = resource === construct;
    const path = [...id.split("/"), ...(isItself ? [] : part.split("/"))];
    return [part, addressOf(resource, logicalId(stack, path))] as const;
  });
  return Object.fromEntries(addresses);
}

function resourcesOf(construct: IConstruct, isOther: (resource: TerraformResource) => boolean) {
  return construct.node
    .findAll()
    .filter((node) => TerraformResource.isTerraformResource(node))
    .filter((resource) => !isOther(resource))
    .map((resource) => [partOf(construct, resource), resource] as const);
}

function partOf(construct: IConstruct, resource: TerraformResource): string {
  const path = resource.node.path.slice(construct.node.path.length + 1);
  return path === "" ? ITSELF : path;
}

function addressOf({ terraformResourceType }: TerraformResource, id: string): string {
  return `${terraformResourceType}.${id}`;
}

/** By the stack's own method, which a subclass may have replaced; of a node it reads the path alone. */
function logicalId(stack: TerraformStack, path: readonly string[]): string {
  const scopes = [...stack.node.scopes, ...path.map((id) => ({ node: { id } }))];
  return stack["allocateLogicalId"]({ scopes } as unknown as Node);
}
