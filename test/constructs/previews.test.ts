import { EnvironmentSet, type EnvironmentSetProps, loadManifests } from "../../src/index.js";
import { tempDirs } from "../support/temp-dir.js";
import { testApp } from "../support/synth.js";

const dirs = tempDirs();
const ACCOUNT = "0123456789abcdef0123456789abcdef";

afterEach(() => {
  delete process.env["CFKV_PREVIEW"];
});

const setOf = (environments: EnvironmentSetProps["environments"]) =>
  new EnvironmentSet(testApp(), "shop", {
    app: "shop",
    accountId: ACCOUNT,
    namespaces: { CACHE: { purpose: "cache" }, FLAGS: {} },
    environments,
  });
const stacksOf = (set: EnvironmentSet): string[] => set.environments.map(({ stack }) => stack.node.id);

describe("an environment per branch", () => {
  it("is the stack of the preview that CFKV_PREVIEW names, unprotected, and no stack without it", () => {
    expect(stacksOf(setOf({ prod: {}, review: { perBranch: true } }))).toEqual(["shop-prod"]);

    process.env["CFKV_PREVIEW"] = "pr-12";
    const set = setOf({ prod: {}, review: { perBranch: true } });
    expect(stacksOf(set)).toEqual(["shop-prod", "shop-review-pr-12"]);
    const preview = set.environment("review", "pr-12");
    expect([preview.isProtected, preview.namespace("CACHE").namespaceName]).toEqual([false, "shop-cache-review-pr-12"]);
  });

  it("has no developers, no protection, and a preview with a name that fits", () => {
    process.env["CFKV_PREVIEW"] = "Feature/Login";
    expect(() => setOf({ preview: { perBranch: true, developers: ["alice"], protect: true } })).toThrow(
      /cannot have developers and perBranch[^]*cannot be perBranch and protected[^]*CFKV_PREVIEW[^]*'Feature\/Login'/,
    );
  });

  it("is the same in YAML", () => {
    process.env["CFKV_PREVIEW"] = "pr-12";
    const file = dirs.write(
      "shop.yaml",
      `apiVersion: cdktf-cloudflare-kv/v1
kind: EnvironmentSet
metadata: { name: shop }
spec:
  accountId: "${ACCOUNT}"
  namespaces: { CACHE: {} }
  environments: { preview: { perBranch: true } }
`,
    );
    expect(loadManifests(testApp(), file).map(({ node }) => node.id)).toEqual(["shop-preview-pr-12"]);
  });
});
