import { bindingFor, groupNamespace, groupWorker, matches } from "../../../src/wrangler/adopt/group-names.js";

describe("the names of an account", () => {
  it.each([
    ["shop", "shop prod"],
    ["shop-staging", "shop staging"],
    ["shop-api-production", "shop-api production"],
    ["staging", "staging prod"],
    ["my_worker_dev", "my-worker dev"],
  ])("make of the Worker %s the app and environment %s", (name, expected) => {
    const { app, environment } = groupWorker(name);
    expect(`${app} ${environment}`).toBe(expected);
  });

  it.each([
    ["shop-session-prod", "shop prod session"],
    ["shop-prod-session-cache", "shop prod session-cache"],
    ["shop-staging-SESSIONS", "shop staging sessions"],
    ["shop-SESSIONS", "shop prod sessions"],
    ["shop-prod", "shop prod undefined"],
    ["shop-api-dev-cache", "shop-api dev cache"],
    ["other-cache-prod", "other prod cache"],
    ["notes", "none"],
    ["prod-cache", "none"],
    ["", "none"],
  ])("make of the namespace '%s' the app, environment and purpose %s", (title, expected) => {
    const group = groupNamespace(title, ["shop", "shop-api"]);
    expect(group === undefined ? "none" : `${group.app} ${group.environment} ${String(group.purpose)}`).toBe(expected);
  });

  it("match patterns with * for anything, and nothing else of regular expressions", () => {
    expect(matches("shop-prod", "shop-*")).toBe(true);
    expect(matches("shopXprod", "shop.prod")).toBe(false);
    expect(matches("shop", "shop-*")).toBe(false);
    expect(matches("anything", undefined)).toBe(true);
  });

  it("make bindings", () => {
    expect(["session-cache", "2fa", undefined].map(bindingFor)).toEqual(["SESSION_CACHE", "KV_2FA", "KV"]);
  });
});
