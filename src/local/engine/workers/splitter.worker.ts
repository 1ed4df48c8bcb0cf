/**
 * Represents a Worker that has several versions. Each request gets a random version by its percentage, unless it has
 * the key that keeps a visitor on one version, or names the version.
 *
 * @see https://developers.cloudflare.com/workers/configuration/versions-and-deployments/gradual-deployments/
 */
import type { WorkerBinding } from "./worker-binding.js";

interface Version {
  readonly id: string;
  readonly binding: string;
  readonly percentage: number;
}

type Env = Readonly<Record<string, WorkerBinding>> & {
  readonly SPLIT: { readonly name: string; readonly versions: readonly Version[] };
};

export default {
  async fetch(request, env) {
    return pick(env, request.headers).fetch(request);
  },
  async scheduled(event, env) {
    await pick(env, new Headers()).scheduled({ cron: event.cron, scheduledTime: new Date(event.scheduledTime) });
  },
} satisfies ExportedHandler<Env>;

function pick(env: Env, headers: Headers): WorkerBinding {
  const { name, versions } = env.SPLIT;
  const { binding } = chosen(versions, override(headers, name), headers.get("cloudflare-workers-version-key"));
  const version = env[binding];
  if (version === undefined) throw new Error(`no version of ${name} is bound as ${binding}`);
  return version;
}

function chosen(versions: readonly Version[], named: string | undefined, key: string | null): Version {
  const byName = versions.find((version) => version.id === named);
  if (byName !== undefined) return byName;
  const total = versions.reduce((sum, version) => sum + version.percentage, 0);
  let left = (key === null ? Math.random() : share(key)) * total;
  const drawn = versions.find((version) => (left -= version.percentage) < 0) ?? versions.at(-1);
  if (drawn === undefined) throw new Error("a Worker without versions gets no requests");
  return drawn;
}

/** `worker="version", other="version"` */
function override(headers: Headers, name: string): string | undefined {
  for (const part of (headers.get("cloudflare-workers-version-overrides") ?? "").split(",")) {
    const [worker = "", version] = part.split("=");
    if (worker.trim() === name && version !== undefined) return version.trim().replaceAll('"', "");
  }
  return undefined;
}

/** FNV-1a as a number from 0 to 1, 1 excluded: the same key always falls on the same share. */
function share(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
