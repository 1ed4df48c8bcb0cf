import assert from "node:assert/strict";
import { test } from "node:test";
import { loadManifests } from "cdktf-cloudflare-kv";
import { snapshot, summaryOf } from "./summary.js";

// After a change that is meant: UPDATE=1 npm test
test("the stacks deploy what they did", () => {
  const now = summaryOf((app) => loadManifests(app, "app.yaml"));
  assert.equal(now, snapshot("test/stacks.snapshot.txt", now));
});
