import type { LiveAddress, LiveFacts, LiveZone } from "../../wrangler/import/live-facts.js";
import type { Clients } from "../data/clients.js";

/** Asks Cloudflare, for every account at most once each. */
export class CloudflareFacts implements LiveFacts {
  private readonly answers = new Map<string, Promise<unknown>>();

  constructor(private readonly clients: Clients) {}

  namespaceTitles(accountId: string | undefined): Promise<ReadonlyMap<string, string>> {
    return this.once(`titles ${accountId ?? ""}`, async () => {
      const all = await this.clients.open(accountId).listNamespaces();
      return new Map(all.map(({ id, namespaceName }) => [id, namespaceName]));
    });
  }

  databases(accountId: string | undefined): Promise<ReadonlyMap<string, string>> {
    return this.once(`databases ${accountId ?? ""}`, async () => {
      const all = await this.clients.open(accountId).listDatabases();
      return new Map(all.map(({ name, databaseId }) => [name, databaseId]));
    });
  }

  workers(accountId: string | undefined): Promise<readonly string[]> {
    return this.once(`workers ${accountId ?? ""}`, () => this.clients.open(accountId).listWorkers());
  }

  secrets(accountId: string | undefined, worker: string): Promise<readonly string[]> {
    return this.once(`secrets ${accountId ?? ""} ${worker}`, () =>
      this.clients.open(accountId).workers.secretNames(worker),
    );
  }

  /** The longest name wins: an account may have a zone for a subdomain of another one. */
  async zoneOf(accountId: string | undefined, host: string): Promise<LiveZone | undefined> {
    const zones = await this.once(`zones ${accountId ?? ""}`, () => this.clients.open(accountId).workers.listZones());
    const found = zones.filter(({ name }) => host === name || host.endsWith(`.${name}`));
    return [...found].sort((a, b) => b.name.length - a.name.length)[0];
  }

  routes(accountId: string | undefined, zoneId: string): Promise<ReadonlyMap<string, LiveAddress>> {
    return this.once(`routes ${accountId ?? ""} ${zoneId}`, async () => {
      const all = await this.clients.open(accountId).workers.listRoutes(zoneId);
      return new Map(all.map(({ id, pattern, worker }) => [pattern, { id, worker }]));
    });
  }

  domains(accountId: string | undefined): Promise<ReadonlyMap<string, LiveAddress & { readonly zoneId: string }>> {
    return this.once(`domains ${accountId ?? ""}`, async () => {
      const all = await this.clients.open(accountId).workers.listDomains();
      return new Map(all.map(({ id, hostname, zoneId, worker }) => [hostname, { id, worker, zoneId }]));
    });
  }

  private once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.answers.get(question) ?? ask();
    this.answers.set(question, known);
    return known as Promise<T>;
  }
}
