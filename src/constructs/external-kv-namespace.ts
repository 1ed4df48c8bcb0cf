import { DataCloudflareWorkersKvNamespaces } from "@cdktf/provider-cloudflare/lib/data-cloudflare-workers-kv-namespaces/index.js";
import { TerraformLocal, Token } from "cdktf";
import { Construct } from "constructs";
import { hexIdProblem } from "../kv/ids.js";
import * as KV_LIMITS from "../kv/limits.js";
import { descriptionProblem, namespaceNameProblem, ttlSecondsProblem } from "../kv/rules.js";
import { accountIdOrDefault, accountIdProblem } from "./account.js";
import { useProvider } from "./dependable.js";
import type { ExternalKvNamespaceOptions, IKvNamespace } from "./kv-namespace-props.js";
import { literal } from "./literal.js";
import { noteProblems, noteRecord } from "./namespace-notes.js";
import { failOn } from "./problems.js";
import { NAMESPACE_BY_ID, NAMESPACE_BY_NAME } from "./props-shapes.js";
import { problemsOf } from "./shape.js";
import { StackRecord } from "./stack-record.js";
import { composed } from "./terraform-text.js";

/** A namespace known by its id. */
export class ExternalKvNamespace extends Construct implements IKvNamespace {
  readonly accountId: string | undefined;
  readonly ttlSeconds: number;
  readonly description: string | undefined;

  constructor(
    scope: Construct,
    id: string,
    readonly namespaceId: string,
    options: ExternalKvNamespaceOptions,
  ) {
    super(scope, id);
    failOn(
      problemsOf(given(options, { namespaceId }), NAMESPACE_BY_ID, "fromNamespaceId", () => [
        Token.isUnresolved(namespaceId) ? undefined : hexIdProblem("namespaceId", namespaceId),
        options.accountId === undefined ? undefined : accountIdProblem(options.accountId),
        ...optionProblems(options),
      ]),
      this,
    );
    this.accountId = options.accountId;
    this.ttlSeconds = options.ttlSeconds ?? 0;
    this.description = options.description;
    const record = { ...recordOf(this), ...noteRecord(options) };
    if (!Token.isUnresolved(namespaceId)) StackRecord.of(this).addNamespace(this, () => [namespaceId, record]);
  }
}

/** A namespace that Terraform looks up by its name. */
export class LookedUpKvNamespace extends Construct implements IKvNamespace {
  readonly namespaceId: string;
  readonly accountId: string;
  readonly ttlSeconds: number;
  readonly description: string | undefined;

  constructor(
    scope: Construct,
    id: string,
    readonly namespaceName: string,
    options: ExternalKvNamespaceOptions,
  ) {
    super(scope, id);
    failOn(
      problemsOf(given(options, { namespaceName }), NAMESPACE_BY_NAME, "fromNamespaceName", () => [
        accountIdProblem(accountIdOrDefault(options.accountId)),
        Token.isUnresolved(namespaceName) ? undefined : namespaceNameProblem(namespaceName),
        ...optionProblems(options),
      ]),
      this,
    );
    this.accountId = accountIdOrDefault(options.accountId);
    this.ttlSeconds = options.ttlSeconds ?? 0;
    this.description = options.description;

    const title = titleExpression(this, composed(namespaceName));
    const matches = (list: string): string =>
      `[for namespace in ${list} : namespace.id if namespace.title == ${title}]`;
    const lookup = new DataCloudflareWorkersKvNamespaces(this, "Lookup", {
      accountId: this.accountId,
      maxItems: KV_LIMITS.maxNamespaces,
      lifecycle: {
        postcondition: [
          {
            condition: `\${length(${matches("self.result")}) == 1}`,
            errorMessage: `exactly one namespace of the account must be named ${literal(namespaceName)}`,
          },
        ],
      },
    });
    const result = `data.${lookup.terraformResourceType}.${lookup.friendlyUniqueId}.result`;
    // A local can be referred to from other stacks, an expression in a plain string cannot.
    this.namespaceId = new TerraformLocal(this, "Id", `\${one(${matches(result)})}`).asString;
    StackRecord.of(this).addNamespace(this, () => [
      lookup.friendlyUniqueId,
      { namespaceName: literal(composed(namespaceName)), ...recordOf(this), ...noteRecord(options) },
    ]);
    useProvider(this, options.provider);
  }
}

/** What to compare titles with. Only Terraform can quote the value of a reference, so it is put in a local. */
function titleExpression(scope: Construct, name: string): string {
  if (!Token.isUnresolved(name)) return JSON.stringify(literal(name));
  return `local.${new TerraformLocal(scope, "Name", literal(name)).friendlyUniqueId}`;
}

/** Validates the argument beside the options like one of them. */
function given(options: ExternalKvNamespaceOptions, argument: Readonly<Record<string, string>>): unknown {
  return typeof options === "object" && (options as unknown) !== null ? { ...options, ...argument } : options;
}

function optionProblems(options: ExternalKvNamespaceOptions): (string | undefined)[] {
  return [
    options.ttlSeconds === undefined ? undefined : ttlSecondsProblem(options.ttlSeconds),
    options.description === undefined ? undefined : descriptionProblem(options.description),
    ...noteProblems(options),
  ];
}

function recordOf({ ttlSeconds, description }: IKvNamespace): { ttlSeconds?: number; description?: string } {
  return {
    ...(ttlSeconds > 0 && { ttlSeconds }),
    ...(description !== undefined && { description: literal(description) }),
  };
}
