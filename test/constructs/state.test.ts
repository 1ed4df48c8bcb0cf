import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { TerraformOutput, TerraformStack } from "cdktf";
import { localState, r2Backend } from "../../src/constructs/state.js";
import { synthToJson, testApp, testStack } from "../support/synth.js";
import { ACCOUNT, namespaceOf, OTHER_ACCOUNT, problemsOf, untyped } from "./samples.js";

function backendOf(define: (stack: TerraformStack) => unknown): unknown {
  const stack = testStack("shop-prod");
  define(stack);
  return synthToJson(stack).terraform?.["backend"];
}

describe("state beside the assembly", () => {
  it("has a relative path, the same in every folder", () => {
    expect(backendOf(localState)).toEqual({ local: { path: "../../../terraform.shop-prod.tfstate" } });
  });
});

describe("state in R2", () => {
  it("is S3's without the checks of AWS, and is locked while in use", () => {
    expect(backendOf(r2Backend({ bucket: "states", accountId: ACCOUNT }))).toMatchInlineSnapshot(`
     {
       "s3": {
         "bucket": "states",
         "endpoints": {
           "s3": "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com",
         },
         "key": "shop-prod.tfstate",
         "region": "auto",
         "skip_credentials_validation": true,
         "skip_metadata_api_check": true,
         "skip_region_validation": true,
         "skip_requesting_account_id": true,
         "skip_s3_checksum": true,
         "use_lockfile": true,
         "use_path_style": true,
       },
     }
    `);
  });

  it("may be in a jurisdiction, below a prefix, and in the account of the environment variable", () => {
    process.env["CLOUDFLARE_ACCOUNT_ID"] = OTHER_ACCOUNT;
    try {
      expect(backendOf(r2Backend({ bucket: "states", keyPrefix: "team/", jurisdiction: "eu" }))).toMatchObject({
        s3: {
          key: "team/shop-prod.tfstate",
          endpoints: { s3: `https://${OTHER_ACCOUNT}.eu.r2.cloudflarestorage.com` },
        },
      });
    } finally {
      delete process.env["CLOUDFLARE_ACCOUNT_ID"];
    }
  });

  it("is read by other stacks from there", () => {
    const app = testApp();
    const [owner, reader] = ["owner", "reader"].map((name) => {
      const stack = new TerraformStack(app, name);
      new CloudflareProvider(stack, "cloudflare");
      r2Backend({ bucket: "states", accountId: ACCOUNT })(stack);
      return stack;
    }) as [TerraformStack, TerraformStack];
    new TerraformOutput(reader, "id", { value: namespaceOf(owner, "Cache").namespaceId });

    expect(synthToJson(reader).data?.["terraform_remote_state"]).toMatchObject({
      "cross-stack-reference-input-owner": {
        backend: "s3",
        config: {
          bucket: "states",
          key: "owner.tfstate",
          region: "auto",
          endpoints: { s3: `https://${ACCOUNT}.r2.cloudflarestorage.com` },
          skip_credentials_validation: true,
          use_path_style: true,
        },
      },
    });
  });

  it("is refused with every broken rule, and with the stack", () => {
    expect(() => backendOf(r2Backend({ bucket: "My_Bucket", accountId: "x" }))).toThrow(
      [
        "TerraformStack at 'shop-prod':",
        "  - accountId must be 32 lower-case hexadecimal digits, got 'x'",
        "  - bucket must be 3 to 63 lower-case letters, digits and inner '-', got 'My_Bucket'",
      ].join("\n"),
    );
  });

  it.each(["ab", "a".repeat(64), "-ab", "ab-", ""])("cannot be in the bucket '%s'", (bucket) => {
    expect(problemsOf(() => backendOf(r2Backend({ bucket, accountId: ACCOUNT })))).toEqual([
      `bucket must be 3 to 63 lower-case letters, digits and inner '-', got '${bucket}'`,
    ]);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "r2Backend must be an object, got undefined"],
    ["no bucket", { accountId: ACCOUNT }, "bucket is required"],
    [
      "a misspelt field",
      { bucket: "states", accountId: ACCOUNT, prefix: "x" },
      "r2Backend has no field 'prefix' (did you mean 'keyPrefix'?)",
    ],
    [
      "another jurisdiction",
      { bucket: "states", accountId: ACCOUNT, jurisdiction: "us" },
      "jurisdiction must be 'eu' or 'fedramp', got 'us'",
    ],
  ])("cannot be described by %s", (_, props, problem) => {
    expect(problemsOf(() => backendOf(r2Backend(untyped(props))))).toEqual([problem]);
  });
});
