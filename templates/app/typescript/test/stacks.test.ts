import assert from "node:assert/strict";
import { test } from "node:test";
import { defineStacks } from "../stacks.js";
import { snapshot, summaryOf } from "./summary.js";

// After a change that is meant: UPDATE=1 npm test
test("the stacks deploy what they did", () => {
  const now = summaryOf(defineStacks);
  assert.equal(now, snapshot("test/stacks.snapshot.txt", now));
});
