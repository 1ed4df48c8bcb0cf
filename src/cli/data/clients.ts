import { RequestBudget } from "../../cloudflare/budget.js";
import { CloudflareClient } from "../../cloudflare/client.js";
import { credentialsFrom } from "../../cloudflare/credentials.js";
import type { CommandContext } from "../command.js";
import { note } from "../terminal/progress.js";

/** How often a wait is reported: under a limit every request waits. */
const NOTE_EVERY_MS = 10_000;

/**
 * Clients with the credentials of the environment, one for each account and token. Those with the same token share its
 * budget of requests, which Cloudflare counts for all accounts together.
 */
export class Clients {
  private readonly clients = new Map<string, CloudflareClient>();
  private readonly budgets = new Map<string, RequestBudget>();
  private noted = -Infinity;

  constructor(private readonly context: CommandContext) {}

  /** @param tokenName - the variable that holds the token, if not `CLOUDFLARE_API_TOKEN` */
  open(accountId?: string, tokenName?: string): CloudflareClient {
    const credentials = credentialsFrom(this.context.env, accountId, tokenName);
    const { token, baseUrl } = credentials;
    const key = `${credentials.accountId} ${token}`;
    const budget = this.budgets.get(token) ?? new RequestBudget();
    this.budgets.set(token, budget);
    const client =
      this.clients.get(key) ??
      new CloudflareClient(credentials, {
        // The emulator is not a shared service.
        budget: isLoopback(baseUrl) ? "unlimited" : budget,
        onPause: (seconds) => this.note(`Cloudflare asks to wait ${Math.ceil(seconds)} s`),
        onRetry: (reason) => this.note(`a request failed (${reason}); retrying`),
      });
    this.clients.set(key, client);
    return client;
  }

  private note(text: string): void {
    const now = performance.now();
    if (now - this.noted < NOTE_EVERY_MS) return;
    this.noted = now;
    note(this.context, text);
  }
}

/** A client with the credentials of the environment. */
export function openClient(context: CommandContext): CloudflareClient {
  return new Clients(context).open();
}

function isLoopback(baseUrl: string | undefined): boolean {
  return baseUrl !== undefined && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(baseUrl).hostname);
}
