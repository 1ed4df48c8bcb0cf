/** Names of the engine's own Workers; a user's Worker cannot be called so, because of the colon. */
export const ROUTER = "cfkv:router";
export const GATEWAY = "cfkv:gateway";

/**
 * The Worker in front of all others: picks one by route, domain, or `<name>.localhost`. Hosts that nobody
 * configured are refused, so that a web page cannot reach this machine through a name of its own (DNS rebinding).
 *
 * `TABLE` is the route table, `WORKERS` maps lower-case names to bindings, `DEFAULT` is the default Worker's name.
 */
export const ROUTER_SOURCE = `
const LOOPBACK = /^(localhost|127\\.0\\.0\\.1|\\[::1\\])$/;

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (env.CONTROL && url.pathname.startsWith(env.CONTROL_PREFIX)) return env.CONTROL.fetch(request);
    const host = url.hostname.toLowerCase();
    const worker = byRoute(env.TABLE, host, url.pathname + url.search) ?? byName(env, host);
    if (worker === undefined) {
      return LOOPBACK.test(host) || host.endsWith(".localhost")
        ? text(404, "no Worker answers at '" + url.host + "': known are " + known(env))
        : text(403, "the host '" + url.host + "' is no route, domain or Worker of this machine");
    }
    const started = Date.now();
    const response = await env[env.WORKERS[worker.toLowerCase()]].fetch(request);
    if (env.REQUESTS) {
      const entry = { worker, method: request.method, url: request.url, status: response.status, ms: Date.now() - started };
      ctx.waitUntil(env.REQUESTS.fetch("http://requests/", { method: "POST", body: JSON.stringify(entry) }));
    }
    return response;
  },
};

function byRoute(table, host, path) {
  const row = table.find((row) =>
    (row.anyPrefix ? host.endsWith(row.host) : host === row.host) &&
    (row.anySuffix ? path.startsWith(row.path) : path === row.path));
  return row?.worker;
}

function byName(env, host) {
  if (LOOPBACK.test(host)) return env.DEFAULT || undefined;
  const name = host.endsWith(".localhost") ? host.slice(0, -".localhost".length) : undefined;
  return name !== undefined && Object.hasOwn(env.WORKERS, name) ? name : undefined;
}

function known(env) {
  const names = Object.keys(env.WORKERS).map((name) => name + ".localhost");
  return names.length === 0 ? "none" : names.join(", ");
}

function text(status, message) {
  return new Response(message + "\\n", { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
`;

/**
 * Stands for a Worker that has several versions. Each request is thrown anew, unless it carries the key that
 * holds a visitor on one version, or names the version.
 *
 * @see https://developers.cloudflare.com/workers/configuration/versions-and-deployments/gradual-deployments/
 */
export const SPLITTER_SOURCE = `
export default {
  async fetch(request, env) {
    return pick(env, request.headers).fetch(request);
  },
  async scheduled(event, env) {
    await pick(env, new Headers()).scheduled({ cron: event.cron, scheduledTime: new Date(event.scheduledTime) });
  },
};

function pick(env, headers) {
  const { name, versions } = env.SPLIT;
  const wanted = override(headers.get("cloudflare-workers-version-overrides") ?? "", name);
  const named = versions.find((version) => version.id === wanted);
  if (named) return env[named.binding];
  const key = headers.get("cloudflare-workers-version-key");
  const total = versions.reduce((sum, version) => sum + version.percentage, 0);
  let left = (key === null ? Math.random() : share(key)) * total;
  for (const version of versions) {
    left -= version.percentage;
    if (left < 0) return env[version.binding];
  }
  return env[versions[versions.length - 1].binding];
}

/** worker="version", other="version" */
function override(header, name) {
  for (const part of header.split(",")) {
    const [worker, version] = part.split("=");
    if (worker.trim() === name && version) return version.trim().replaceAll('"', "");
  }
}

/** FNV-1a as a number from 0 to 1, 1 excluded: the same key always falls on the same share. */
function share(key) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
`;
