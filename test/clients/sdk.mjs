/**
 * The official SDK for JavaScript: `node sdk.mjs <folder that has it installed>`. Prints a line of JSON for each call
 * when its answer is right, and ends with an error at the first that is not.
 */
/* global FormData */
import assert from "node:assert/strict";
import { Blob, Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const { default: Cloudflare, toFile } = require("cloudflare");

const account_id = process.env.CLOUDFLARE_ACCOUNT_ID;
const client = new Cloudflare({ maxRetries: 0 });
const { kv, workers, d1 } = client;

/** Before 7 the ids in a path were arguments of their own: `values.get(namespace, key, params)`. */
const positional = kv.namespaces.values.get.length > 3;

async function call(command, work) {
  const answer = await work();
  process.stdout.write(`${JSON.stringify({ command, outcome: "works" })}\n`);
  return answer;
}

/** What must be refused, because Cloudflare refuses it. */
async function refused(command, message, work) {
  await assert.rejects(work, message);
  process.stdout.write(`${JSON.stringify({ command, outcome: "refused" })}\n`);
}

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

const module = (text) => toFile(Buffer.from(text), "index.mjs", { type: "application/javascript+module" });
const metadata = (namespace_id) => ({
  main_module: "index.mjs",
  compatibility_date: "2026-04-01",
  bindings: [{ type: "kv_namespace", name: "KV", namespace_id }],
});
const source = (word) =>
  `export default { async fetch(request, env) { return new Response("${word} " + (await env.KV.get("one"))) } }`;

const { id: namespace } = await call("kv.namespaces.create", async () => {
  const made = await kv.namespaces.create({ account_id, title: "by-sdk" });
  assert.match(made.id, /^[0-9a-f]{32}$/);
  return made;
});
await call("kv.namespaces.update", async () => {
  await kv.namespaces.update(namespace, { account_id, title: "renamed" });
});
await call("kv.namespaces.get", async () => {
  assert.equal((await kv.namespaces.get(namespace, { account_id })).title, "renamed");
});
await call("kv.namespaces.list", async () => {
  const titles = (await all(kv.namespaces.list({ account_id }))).map(({ title }) => title);
  assert.deepEqual(titles, ["renamed"]);
});

const place = { account_id, namespace_id: namespace };
// They do not encode keys either.
const value = (method, key, { namespace_id, ...params }) =>
  positional
    ? kv.namespaces.values[method](namespace_id, encodeURIComponent(key), params)
    : kv.namespaces.values[method](key, { namespace_id, ...params });
const metadataOf = (key) =>
  positional
    ? kv.namespaces.metadata.get(namespace, encodeURIComponent(key), { account_id })
    : kv.namespaces.metadata.get(key, place);
const expiration = Math.floor(Date.now() / 1000) + 600;
await call("kv.namespaces.values.update", async () => {
  const options = { ...place, value: "1", metadata: JSON.stringify({ a: 1 }), expiration_ttl: 600 };
  await value("update", "a/b é", options);
});
await call("kv.namespaces.values.get", async () => {
  const answer = await value("get", "a/b é", place);
  assert.equal(await answer.text(), "1");
  assert.ok(Number(answer.headers.get("expiration")) >= expiration);
});
await call("kv.namespaces.metadata.get", async () => {
  assert.deepEqual(await metadataOf("a/b é"), { a: 1 });
});
await call("kv.namespaces.bulkUpdate", async () => {
  const body = [
    { key: "one", value: "1", expiration, metadata: { n: 1 } },
    { key: "two", value: "Mg==", base64: true },
  ];
  const answer = await kv.namespaces.bulkUpdate(namespace, { account_id, body });
  assert.equal(answer.successful_key_count, 2);
});
await call("kv.namespaces.bulkGet", async () => {
  const keys = ["one", "two", "none"];
  const plain = await kv.namespaces.bulkGet(namespace, { account_id, keys });
  assert.deepEqual(plain.values, { one: "1", two: "2", none: null });
  const { values } = await kv.namespaces.bulkGet(namespace, { account_id, keys, withMetadata: true });
  assert.deepEqual(values.one, { value: "1", metadata: { n: 1 }, expiration });
});
await call("kv.namespaces.keys.list", async () => {
  const keys = await all(kv.namespaces.keys.list(namespace, { account_id, limit: 10 }));
  assert.deepEqual(
    keys.map(({ name }) => name),
    ["a/b é", "one", "two"],
  );
});
await call("kv.namespaces.values.delete", () => value("delete", "a/b é", place));
await call("kv.namespaces.bulkDelete", async () => {
  const answer = await kv.namespaces.bulkDelete(namespace, { account_id, body: ["two"] });
  assert.equal(answer.successful_key_count, 1);
});

// 7 encodes metadata as form fields and calls the form JavaScript, which Cloudflare refuses:
// https://github.com/cloudflare/cloudflare-typescript/issues/2799. A form of one's own goes through.
const encodesForms = positional;
const path = `/accounts/${account_id}/workers/scripts/sdk`;
const form = async (word) => {
  const body = new FormData();
  body.append("metadata", new Blob([JSON.stringify(metadata(namespace))], { type: "application/json" }));
  body.append("index.mjs", await module(source(word)));
  return body;
};
const upload = async (word) => ({ account_id, metadata: metadata(namespace), files: [await module(source(word))] });
if (encodesForms) {
  await call("workers.scripts.update", async () => {
    assert.equal((await workers.scripts.update("sdk", await upload("first"))).id, "sdk");
  });
  await refused("workers.scripts.update, files as an object", /module files has unsupported Content-Type/, async () => {
    const files = { "index.mjs": await module(source("second")) };
    await workers.scripts.update("sdk", { account_id, metadata: metadata(namespace), files });
  });
} else {
  await refused("workers.scripts.update", /Invalid left-hand side expression/, async () => {
    await workers.scripts.update("sdk", await upload("first"));
  });
  await call("put, with a FormData", async () => client.put(path, { body: await form("first") }));
}
await call("workers.scripts.list", async () => {
  assert.deepEqual(
    (await all(workers.scripts.list({ account_id }))).map(({ id }) => id),
    ["sdk"],
  );
});
await call("workers.scripts.secrets.update", async () => {
  await workers.scripts.secrets.update("sdk", { account_id, name: "S", text: "x", type: "secret_text" });
});
await call("workers.scripts.secrets.list", async () => {
  const names = (await all(workers.scripts.secrets.list("sdk", { account_id }))).map(({ name }) => name);
  assert.deepEqual(names, ["S"]);
});
await call("workers.scripts.secrets.delete", () =>
  positional
    ? workers.scripts.secrets.delete("sdk", "S", { account_id })
    : workers.scripts.secrets.delete("S", { account_id, script_name: "sdk" }),
);
let version;
if (encodesForms) {
  version = await call("workers.scripts.versions.create", async () =>
    workers.scripts.versions.create("sdk", await upload("third")),
  );
} else {
  await refused("workers.scripts.versions.create", /could not read content for part metadata/, async () => {
    await workers.scripts.versions.create("sdk", await upload("third"));
  });
  version = await call("post, with a FormData", async () => {
    const { result } = await client.post(`${path}/versions`, { body: await form("third") });
    return result;
  });
}
await call("workers.scripts.versions.list", async () => {
  const versions = await all(workers.scripts.versions.list("sdk", { account_id }));
  assert.ok(versions.some(({ id }) => id === version.id));
});
await call("workers.scripts.versions.get", async () => {
  const got = positional
    ? await workers.scripts.versions.get("sdk", version.id, { account_id })
    : await workers.scripts.versions.get(version.id, { account_id, script_name: "sdk" });
  assert.equal(got.id, version.id);
});
await call("workers.scripts.deployments.create", async () => {
  const versions = [{ version_id: version.id, percentage: 100 }];
  await workers.scripts.deployments.create("sdk", { account_id, strategy: "percentage", versions });
});
await call("workers.scripts.deployments.list", async () => {
  const listed = await workers.scripts.deployments.list("sdk", { account_id });
  const { deployments } = positional ? listed : listed.result;
  assert.equal(deployments[0].versions[0].version_id, version.id);
});
await call("workers.scripts.schedules.update", async () => {
  await workers.scripts.schedules.update("sdk", { account_id, body: [{ cron: "*/5 * * * *" }] });
  const { schedules } = await workers.scripts.schedules.get("sdk", { account_id });
  assert.equal(schedules[0].cron, "*/5 * * * *");
});
await call("workers.scripts.subdomain.create", async () => {
  const answer = await workers.scripts.subdomain.create("sdk", { account_id, enabled: true });
  assert.equal(answer.enabled, true);
});
await call("workers.scripts.scriptAndVersionSettings.get", async () => {
  await workers.scripts.scriptAndVersionSettings.get("sdk", { account_id });
});

const database = await call("d1.database.create", () => d1.database.create({ account_id, name: "by-sdk" }));
await call("d1.database.query", async () => {
  const sql = "create table t (n integer); insert into t values (7); select n from t";
  const results = await all(d1.database.query(database.uuid, { account_id, sql }));
  assert.deepEqual(results.at(-1).results, [{ n: 7 }]);
});
await call("d1.database.delete", () => d1.database.delete(database.uuid, { account_id }));

if (process.env.WORKER_URL !== undefined) {
  await call("a request to the Worker", async () => {
    const { get } = await import("node:http");
    const text = await new Promise((resolve, reject) => {
      get(process.env.WORKER_URL, { headers: { host: "sdk.localhost" } }, (response) => {
        let body = "";
        response.on("data", (chunk) => (body += chunk)).on("end", () => resolve(body));
      }).on("error", reject);
    });
    assert.equal(text, "third 1");
  });
}
await call("workers.scripts.delete", () => workers.scripts.delete("sdk", { account_id }));
await call("kv.namespaces.delete", () => kv.namespaces.delete(namespace, { account_id }));
