import { credentialsFrom } from "../../src/cloudflare/credentials.js";

const accountId = "0123456789abcdef0123456789abcdef";
const env = { CLOUDFLARE_API_TOKEN: " tok\n", CLOUDFLARE_ACCOUNT_ID: accountId };

describe("credentials of the environment", () => {
  it("are taken without blanks around them", () => {
    expect(credentialsFrom(env)).toEqual({ token: "tok", accountId });
  });

  it("name the account of the stack before the one of the environment", () => {
    expect(credentialsFrom(env, "f".repeat(32)).accountId).toBe("f".repeat(32));
  });

  it.each([
    ["CLOUDFLARE_TOKEN_MISSING", { CLOUDFLARE_API_TOKEN: "" }],
    ["CLOUDFLARE_TOKEN_MISSING", { CLOUDFLARE_API_TOKEN: "a\nb" }],
    ["CLOUDFLARE_ACCOUNT_MISSING", { CLOUDFLARE_ACCOUNT_ID: undefined }],
    ["CLOUDFLARE_ACCOUNT_MISSING", { CLOUDFLARE_ACCOUNT_ID: "shop" }],
    ["CLOUDFLARE_BASE_URL_INVALID", { CLOUDFLARE_BASE_URL: "localhost:8787" }],
    ["CLOUDFLARE_BASE_URL_INVALID", { CLOUDFLARE_BASE_URL: "http://user:pass@127.0.0.1/client/v4" }],
  ])("are refused with %s: %j", (code, wrong) => {
    expect(() => credentialsFrom({ ...env, ...wrong })).toThrow(expect.objectContaining({ code }) as Error);
  });

  it("take the address of another API", () => {
    const baseUrl = "http://127.0.0.1:8787/client/v4/";

    expect(credentialsFrom({ ...env, CLOUDFLARE_BASE_URL: baseUrl }).baseUrl).toBe(baseUrl);
  });
});
