import { CloudflareClient } from "../cloudflare/client.js";
import { credentialsFrom } from "../cloudflare/credentials.js";
import type { CommandContext } from "./command.js";

/** A client with the credentials of the environment, which says so when Cloudflare makes it wait. */
export function openClient({ env, notes }: CommandContext, accountId?: string): CloudflareClient {
  return new CloudflareClient(credentialsFrom(env, accountId), {
    onPause: (seconds) => notes.line(`cloudflare asks to wait ${Math.ceil(seconds)} s`),
  });
}
