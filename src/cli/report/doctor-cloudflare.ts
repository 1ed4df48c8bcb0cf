import type { CloudflareClient } from "../../cloudflare/client.js";
import { CLOUDFLARE_API, credentialsFrom } from "../../cloudflare/credentials.js";
import { CodedError, InputError, ServiceError } from "../../errors.js";
import { count } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import { Clients } from "../data/clients.js";
import type { DoctorItem } from "./doctor-item.js";

const TOKENS = "https://dash.cloudflare.com/profile/api-tokens";

/** What the token may do, by what the API answers. */
export async function lookAtCloudflare(context: CommandContext): Promise<DoctorItem[]> {
  let client: CloudflareClient;
  try {
    const { baseUrl = CLOUDFLARE_API } = credentialsFrom(context.env);
    client = new Clients(context).open();
    return [
      { item: "token and account", ok: true, found: "set in the environment" },
      { item: "address of the API", ok: true, found: baseUrl },
      ...(await asked(client)),
    ];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ item: "token and account", ok: false, found: error.message, ...mendOf(error) }];
  }
}

async function asked(client: CloudflareClient): Promise<DoctorItem[]> {
  const token = await item("token", async () => {
    const status = await client.tokenStatus();
    if (status === "active") return "valid";
    throw new ServiceError("CLOUDFLARE_FORBIDDEN", `the token is ${status}`, `create one: ${TOKENS}`);
  });
  // Each of the others would wait for the same network.
  if (token.ok === false && /no answer/.test(token.found)) return [token];
  return [
    token,
    await item("Workers KV Storage", async () => count((await client.listNamespaces()).length, "namespace")),
    await item("Workers Scripts: Read", async () => count((await client.listWorkers()).length, "Worker")),
    await item("Account Analytics: Read", async () => {
      await client.analytics.usage([], 1);
      return "allowed";
    }),
  ];
}

async function item(name: string, ask: () => Promise<string>): Promise<DoctorItem> {
  try {
    return { item: name, ok: true, found: await ask() };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { item: name, ok: false, found: error.message, ...mendOf(error) };
  }
}

function mendOf(error: CodedError): { mend?: string } {
  const hint = error instanceof InputError || error instanceof ServiceError ? error.hint : undefined;
  return hint === undefined ? {} : { mend: hint };
}
