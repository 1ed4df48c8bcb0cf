"""The official SDK for Python. Prints a line of JSON for each call whose answer is right."""

import json
import os
import re
import time
import urllib.request

from cloudflare import Cloudflare

account_id = os.environ["CLOUDFLARE_ACCOUNT_ID"]
client = Cloudflare(max_retries=0)


def works(command):
    print(json.dumps({"command": command, "outcome": "works"}), flush=True)


def module(word):
    source = (
        "export default { async fetch(request, env) { return new Response('%s ' + (await env.KV.get('one'))) } }"
        % word
    )
    return [("index.mjs", source.encode(), "application/javascript+module")]


namespace = client.kv.namespaces.create(account_id=account_id, title="by-sdk").id
assert re.fullmatch("[0-9a-f]{32}", namespace)
works("kv.namespaces.create")
client.kv.namespaces.update(namespace, account_id=account_id, title="renamed")
works("kv.namespaces.update")
assert client.kv.namespaces.get(namespace, account_id=account_id).title == "renamed"
works("kv.namespaces.get")
assert [found.title for found in client.kv.namespaces.list(account_id=account_id)] == ["renamed"]
works("kv.namespaces.list")

place = {"account_id": account_id, "namespace_id": namespace}
expiration = int(time.time()) + 600
key = "a b é"
client.kv.namespaces.values.update(key, value=b"1", metadata={"a": 1}, expiration_ttl=600, **place)
works("kv.namespaces.values.update")
answer = client.kv.namespaces.values.get(key, **place)
assert answer.read() == b"1"
works("kv.namespaces.values.get")
assert client.kv.namespaces.metadata.get(key, **place) == {"a": 1}
works("kv.namespaces.metadata.get")
pairs = [
    {"key": "one", "value": "1", "expiration": expiration, "metadata": {"n": 1}},
    {"key": "two", "value": "Mg==", "base64": True},
]
assert client.kv.namespaces.bulk_update(namespace, account_id=account_id, body=pairs).successful_key_count == 2
works("kv.namespaces.bulkUpdate")
keys = ["one", "two", "none"]
found = client.kv.namespaces.bulk_get(namespace, account_id=account_id, keys=keys)
assert found.values == {"one": "1", "two": "2", "none": None}, found
found = client.kv.namespaces.bulk_get(namespace, account_id=account_id, keys=keys, with_metadata=True)
one = found.to_dict()["values"]["one"]
assert one == {"value": "1", "metadata": {"n": 1}, "expiration": expiration}, one
works("kv.namespaces.bulkGet")
assert [found.name for found in client.kv.namespaces.keys.list(namespace, account_id=account_id, limit=10)] == [
    key,
    "one",
    "two",
]
works("kv.namespaces.keys.list")
client.kv.namespaces.values.delete(key, **place)
works("kv.namespaces.values.delete")
assert client.kv.namespaces.bulk_delete(namespace, account_id=account_id, body=["two"]).successful_key_count == 1
works("kv.namespaces.bulkDelete")

scripts = client.workers.scripts
metadata = {
    "main_module": "index.mjs",
    "compatibility_date": "2026-04-01",
    "bindings": [{"type": "kv_namespace", "name": "KV", "namespace_id": namespace}],
}
assert scripts.update("sdk", account_id=account_id, metadata=metadata, files=module("first")).id == "sdk"
works("workers.scripts.update")
assert [found.id for found in scripts.list(account_id=account_id)] == ["sdk"]
works("workers.scripts.list")
scripts.secrets.update("sdk", account_id=account_id, name="S", text="x", type="secret_text")
works("workers.scripts.secrets.update")
assert [found.name for found in scripts.secrets.list("sdk", account_id=account_id)] == ["S"]
works("workers.scripts.secrets.list")
scripts.secrets.delete("S", account_id=account_id, script_name="sdk")
works("workers.scripts.secrets.delete")
# The SDK's model of a version's bindings cannot be built by pydantic, so that the answer is read as it is.
raw = scripts.versions.with_raw_response
made = raw.create("sdk", account_id=account_id, metadata=metadata, files=module("third"))
version = made.http_response.json()["result"]["id"]
works("workers.scripts.versions.create")
assert version in [found.id for found in scripts.versions.list("sdk", account_id=account_id)]
works("workers.scripts.versions.list")
got = raw.get(version, account_id=account_id, script_name="sdk")
assert got.http_response.json()["result"]["id"] == version
works("workers.scripts.versions.get")
shares = [{"version_id": version, "percentage": 100}]
scripts.deployments.create("sdk", account_id=account_id, strategy="percentage", versions=shares)
works("workers.scripts.deployments.create")
newest = scripts.deployments.list("sdk", account_id=account_id).result.deployments[0]
assert newest["versions"][0]["version_id"] == version
works("workers.scripts.deployments.list")
scripts.schedules.update("sdk", account_id=account_id, body=[{"cron": "*/5 * * * *"}])
assert scripts.schedules.get("sdk", account_id=account_id).schedules[0].cron == "*/5 * * * *"
works("workers.scripts.schedules.update")
assert scripts.subdomain.create("sdk", account_id=account_id, enabled=True).enabled
works("workers.scripts.subdomain.create")
scripts.script_and_version_settings.get("sdk", account_id=account_id)
works("workers.scripts.scriptAndVersionSettings.get")

database = client.d1.database.create(account_id=account_id, name="by-sdk")
works("d1.database.create")
sql = "create table t (n integer); insert into t values (7); select n from t"
assert list(client.d1.database.query(database.uuid, account_id=account_id, sql=sql))[-1].results == [{"n": 7}]
works("d1.database.query")
client.d1.database.delete(database.uuid, account_id=account_id)
works("d1.database.delete")

request = urllib.request.Request(os.environ["WORKER_URL"], headers={"host": "sdk.localhost"})
assert urllib.request.urlopen(request).read() == b"third 1"
works("a request to the Worker")
scripts.delete("sdk", account_id=account_id)
works("workers.scripts.delete")
client.kv.namespaces.delete(namespace, account_id=account_id)
works("kv.namespaces.delete")
