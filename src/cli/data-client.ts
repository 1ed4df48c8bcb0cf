import { CloudflareClient } from "../cloudflare/client.js";
import { credentialsFrom } from "../cloudflare/credentials.js";
import { nodeTransport } from "../data/node-transport.js";
import type { CommandContext } from "./command.js";

/** A client with the credentials of the environment, which says so when Cloudflare makes it wait. */
export function openClient({ env, notes }: CommandContext, accountId?: string): CloudflareClient {
  const credentials = credentialsFrom(env, accountId);
  return new CloudflareClient(credentials, {
    transport: nodeTransport(),
    // The emulator is nobody's shared service.
    ...(isLoopback(credentials.baseUrl) ? { budget: "unlimited" } : {}),
    onPause: (seconds) => notes.line(`cloudflare asks to wait ${Math.ceil(seconds)} s`),
  });
}

function isLoopback(baseUrl: string | undefined): boolean {
  return baseUrl !== undefined && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(baseUrl).hostname);
}
