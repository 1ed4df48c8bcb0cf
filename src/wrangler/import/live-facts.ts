/** A route or custom domain as Cloudflare has it. */
export interface LiveAddress {
  readonly id: string;
  /** The Worker it leads to. */
  readonly worker: string | undefined;
}

/** A zone of the account. */
export interface LiveZone {
  readonly id: string;
  readonly name: string;
}

/** What an account has, for whatever a configuration does not say. Each question is asked once. */
export interface LiveFacts {
  /** The titles of namespaces by id. */
  namespaceTitles(accountId: string | undefined): Promise<ReadonlyMap<string, string>>;
  /** The ids of databases by name. */
  databases(accountId: string | undefined): Promise<ReadonlyMap<string, string>>;
  workers(accountId: string | undefined): Promise<readonly string[]>;
  /** The names of a Worker's secrets. */
  secrets(accountId: string | undefined, worker: string): Promise<readonly string[]>;
  /** The zone that a host belongs to. */
  zoneOf(accountId: string | undefined, host: string): Promise<LiveZone | undefined>;
  /** The routes of a zone by pattern. */
  routes(accountId: string | undefined, zoneId: string): Promise<ReadonlyMap<string, LiveAddress>>;
  /** The custom domains of the account by hostname. */
  domains(accountId: string | undefined): Promise<ReadonlyMap<string, LiveAddress & { readonly zoneId: string }>>;
}
