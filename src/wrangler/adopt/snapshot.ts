/** A Worker as it is deployed. */
export interface DeployedWorker {
  readonly name: string;
  /** Bindings in the API's own form. */
  readonly bindings: readonly (Readonly<Record<string, unknown>> & { readonly name: string; readonly type: string })[];
  readonly compatibilityDate: string | undefined;
  readonly compatibilityFlags: readonly string[];
  readonly isLogpush: boolean;
  readonly observability: Readonly<Record<string, unknown>> | undefined;
  readonly crons: readonly string[];
  readonly isOnWorkersDev: boolean;
  readonly routes: readonly { readonly pattern: string; readonly zoneId: string }[];
  readonly domains: readonly { readonly hostname: string; readonly zoneId: string }[];
  /** The file that its code was saved in, relative to the set's folder; nothing when it is not one module. */
  readonly file: string | undefined;
}

/** What an account has, as far as a set can manage it. */
export interface AccountSnapshot {
  readonly accountId: string;
  readonly namespaces: readonly { readonly id: string; readonly namespaceName: string }[];
  readonly workers: readonly DeployedWorker[];
  readonly databases: readonly { readonly databaseId: string; readonly name: string }[];
}
