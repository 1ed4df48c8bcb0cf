import type { TerraformBackend, TerraformProvider, TerraformStack } from "cdktf";
import type { JsonValue } from "../values/json.js";
import type { Environment } from "./environment.js";
import type { KvNamespaceProps } from "./kv-namespace-props.js";
import type { EnvironmentWorkerOverrides, EnvironmentWorkerProps } from "./environment-worker-props.js";
import type { RouteProps } from "./worker-props.js";

/** A namespace as it is in every environment, or the fields that one environment changes. */
export interface EnvironmentNamespaceProps extends Partial<
  Omit<KvNamespaceProps, "accountId" | "provider" | "retired" | "deleted">
> {
  /**
   * What the namespace is for, as part of its name: `{app}-{purpose}-{environment}`.
   *
   * @default - the binding in lower case; none when it is the only namespace of the set
   */
  readonly purpose?: string;
}

/** The settings of one environment. */
export interface EnvironmentProps {
  /**
   * The account of this environment.
   *
   * @default - the set's `accountId`
   */
  readonly accountId?: string;

  /**
   * Refuses any plan that would delete a namespace or a database of this environment.
   *
   * @default - true, unless it is `perBranch`, or the first word of the environment's name, without a number at its end,
   * is `dev`, `development`, `preview`, `previews` or `pr`
   */
  readonly protect?: boolean;

  /**
   * Fields to change of the set's namespaces by binding, further namespaces, or `false` to leave one out.
   *
   * @default - the set's namespaces
   */
  readonly namespaces?: Readonly<Record<string, EnvironmentNamespaceProps | false>>;

  /**
   * Fields to change of the set's Worker, or `false` to leave it out. Bindings of every kind are merged by name; other
   * fields are replaced.
   *
   * @default - the set's Worker
   */
  readonly worker?: EnvironmentWorkerOverrides | false;

  /**
   * Fields to change of the set's further Workers by their names in it, more Workers, or `false` to leave one out.
   *
   * @default - the set's `workers`
   */
  readonly workers?: Readonly<Record<string, EnvironmentWorkerOverrides | false>>;

  /**
   * Plain values that are added to those of every Worker, or replace those of the same name.
   *
   * @default - the Workers' own `vars`
   */
  readonly vars?: Readonly<Record<string, JsonValue>>;

  /**
   * The routes of `worker` in this environment.
   *
   * @default - the Worker's `routes`
   */
  readonly routes?: readonly RouteProps[];

  /**
   * Defines the Cloudflare provider of this environment, for example with an alias or another account's token.
   *
   * @default - the set's `provider`
   */
  readonly provider?: (stack: TerraformStack, environment: Environment) => TerraformProvider;

  /**
   * Turns the environment into one stack for each of these people, with namespaces and Workers of their own.
   *
   * @default - one stack for all
   */
  readonly developers?: readonly string[];

  /**
   * Makes the environment one of previews: a stack for the pull request or branch that the environment variable
   * CFKV_PREVIEW names, such as `shop-preview-pr-12`, in place of a developer's. Without the variable there is no stack.
   *
   * @default false
   */
  readonly perBranch?: boolean;

  /**
   * Bindings or names of this environment that are no longer defined and stay at Cloudflare: Terraform forgets them.
   *
   * @default - none
   */
  readonly retired?: readonly string[];

  /**
   * Bindings or names of this environment that are no longer defined and that the next apply deletes for good.
   *
   * @default - none
   */
  readonly deleted?: readonly string[];
}

/** What a name is made of. */
export interface NameParts {
  /** What is to be named. */
  readonly kind: "namespace" | "worker" | "database";
  readonly app: string;
  /** What a namespace is for, or the binding of a database in lower case; a Worker has none. */
  readonly purpose?: string;
  /** The name that one of `workers` has in the set. */
  readonly worker?: string;
  readonly environment: string;
  readonly developer?: string;
}

/** Properties of an {@link EnvironmentSet}. */
export interface EnvironmentSetProps {
  /** The app's name, the first part of all names: lower-case letters, digits and inner '-'. */
  readonly app: string;

  /** The namespaces of every environment, by the Worker's binding. */
  readonly namespaces: Readonly<Record<string, EnvironmentNamespaceProps>>;

  /**
   * The Worker of every environment.
   *
   * @default - namespaces only
   */
  readonly worker?: EnvironmentWorkerProps;

  /**
   * Several Workers of every environment, beside or instead of `worker`, by names of lower-case letters, digits and
   * inner '-' such as `api` and `jobs`. Each is bound to all namespaces of its environment, and is named
   * `{app}-{worker}-{environment}`.
   *
   * @default - none
   */
  readonly workers?: Readonly<Record<string, EnvironmentWorkerProps>>;

  /** The environments by name: lower-case letters, digits and inner '-'. */
  readonly environments: Readonly<Record<string, EnvironmentProps>>;

  /**
   * The account of all environments that name none: 32 hexadecimal digits.
   *
   * @default - the environment variable CLOUDFLARE_ACCOUNT_ID, read when synthesizing
   */
  readonly accountId?: string;

  /**
   * Makes the names of namespaces, Workers and databases.
   *
   * @default - the parts that apply, joined by '-': app, worker, purpose, environment, developer
   */
  readonly naming?: (parts: NameParts) => string;

  /**
   * Defines where a stack's state is kept.
   *
   * @default - a file beside the assembly, named by a relative path
   */
  readonly backend?: (stack: TerraformStack, environment: Environment) => TerraformBackend;

  /**
   * Defines the Cloudflare provider of each stack, for example with an alias or another account's token.
   *
   * @default - a provider that reads CLOUDFLARE_API_TOKEN when applying
   */
  readonly provider?: (stack: TerraformStack, environment: Environment) => TerraformProvider;

  /**
   * Adds further constructs to each stack.
   *
   * @default - nothing is added
   */
  readonly configure?: (stack: TerraformStack, environment: Environment) => void;

  /**
   * The versions of the Cloudflare provider to require.
   *
   * @default PROVIDER_VERSION
   */
  readonly providerVersion?: string;

  /**
   * Bindings or names of any environment that are no longer defined and stay at Cloudflare: Terraform forgets them. The
   * name of an environment that is no longer defined says that its stack is gone on purpose.
   *
   * @default - none
   */
  readonly retired?: readonly string[];

  /**
   * Bindings or names of any environment that are no longer defined and that the next apply deletes for good.
   *
   * @default - none
   */
  readonly deleted?: readonly string[];
}
