import { type ManifestOf, providerEnvironment, renamedVariables } from "../../../src/manifest/index.js";
import { codesOf, readText } from "../read-text.js";

const SECRET = "Zx9-this-is-the-secret-0123456789";

function credential(spec: string): string {
  return `apiVersion: code2cloud.planton.cloud/v1\nkind: CloudflareCredential\nmetadata:\n  name: deploy\nspec:\n${spec.replace(/^/gm, "  ")}\n`;
}

function manifest(spec: string): ManifestOf<"CloudflareCredential"> {
  return readText(credential(spec)).units[0]?.manifests[0] as ManifestOf<"CloudflareCredential">;
}

describe("a CloudflareCredential", () => {
  it.each(["api_token: ${CLOUDFLARE_API_TOKEN}", 'apiToken: "${ANY}"', "api_key: ${KEY}\nemail: ops@example.com"])(
    "with %j is taken in silence",
    (spec) => {
      expect(codesOf(readText(credential(spec)))).toEqual([]);
    },
  );

  it("needs a token, or a key and an e-mail address, and not both", () => {
    expect(codesOf(readText(credential("api_token: ${A}\napi_key: ${B}\nemail: x")))).toEqual([
      "INVALID_CREDENTIAL spec",
    ]);
    expect(codesOf(readText(credential("email: x")))).toEqual(["INVALID_CREDENTIAL spec"]);
    expect(codesOf(readText(credential("{}")))).toEqual(["INVALID_CREDENTIAL spec"]);
    expect(codesOf(readText(credential('api_token: ""')))).toEqual(["INVALID_CREDENTIAL spec.api_token"]);
  });

  it("with a secret written in it is warned of", () => {
    expect(codesOf(readText(credential(`api_token: ${SECRET}`)))).toEqual(["warning LITERAL_SECRET spec.api_token"]);
  });

  it.each([
    ["a literal token", credential(`api_token: ${SECRET}`)],
    ["a misspelt field", credential(`api_tokn: ${SECRET}`)],
    ["a field of another type", credential(`api_token: {value: ${SECRET}}`)],
    ["a wrong kind", credential(`api_token: ${SECRET}`).replace("Credential\n", "Credentials\n")],
    ["a missing kind", credential(`api_token: ${SECRET}`).replace(/kind.*\n/, "")],
    ["a block", credential(`api_token: |\n  ${SECRET}`)],
    [
      "one line",
      `{apiVersion: code2cloud.planton.cloud/v1, kind: CloudflareCredential, metadata: {}, spec: {api_token: ${SECRET}, x: y}}\n`,
    ],
    ["broken YAML", credential(`api_token: "${SECRET}`)],
    ["a colon in it", credential(`api_token: a: ${SECRET}`)],
    ["a tag", credential(`api_token: !secret ${SECRET}`)],
    [
      "an alias",
      credential(`api_token: *${SECRET.replaceAll("-", "")}`).replace(SECRET.replaceAll("-", ""), "nowhere") +
        `x: ${SECRET}\n`,
    ],
    ["a document that is no credential", `password: ${SECRET}\n`],
  ])("with %s shows the secret nowhere", (_, text) => {
    const set = readText(text);
    expect(set.problems).not.toEqual([]);
    expect(set.render()).not.toContain(SECRET);
    expect(JSON.stringify(set.problems)).not.toContain(SECRET);
  });

  it("reaches the provider by its environment variables, from the variables it refers to", () => {
    expect(providerEnvironment(manifest("api_token: ${DEPLOY_TOKEN}"), { DEPLOY_TOKEN: SECRET })).toEqual({
      CLOUDFLARE_API_TOKEN: SECRET,
    });
    expect(providerEnvironment(manifest("api_key: ${KEY}\nemail: ops@example.com"), { KEY: SECRET })).toEqual({
      CLOUDFLARE_API_KEY: SECRET,
      CLOUDFLARE_EMAIL: "ops@example.com",
    });
    expect(renamedVariables(manifest("api_token: ${DEPLOY_TOKEN}"))).toEqual({ CLOUDFLARE_API_TOKEN: "DEPLOY_TOKEN" });
    expect(renamedVariables(manifest("api_token: ${CLOUDFLARE_API_TOKEN}"))).toEqual({});
  });

  it("tells which variable is not set", () => {
    expect(() => providerEnvironment(manifest("api_token: ${DEPLOY_TOKEN}"), {})).toThrow(
      expect.objectContaining({
        code: "CREDENTIAL_VARIABLE_MISSING",
        message: "the credential refers to DEPLOY_TOKEN, which is not set",
      }) as Error,
    );
  });
});
