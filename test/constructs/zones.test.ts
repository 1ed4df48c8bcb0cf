import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import type { TerraformStack } from "cdktf";
import { expectFitsProvider, testStack, resourcesOf, synthToJson } from "../support/synth.js";
import { OTHER_ACCOUNT, problemsOf, workerOf, ZONE } from "./samples.js";

const ROUTE = "cloudflare_workers_route";
const DOMAIN = "cloudflare_workers_custom_domain";

/** What a stack looks up, by the name that is asked for. */
function lookups(stack: TerraformStack): Record<string, unknown> {
  const found = Object.values(synthToJson(stack).data?.["cloudflare_zones"] ?? {});
  return Object.fromEntries(found.map(({ name, lifecycle }) => [String(name), lifecycle]));
}

const zoneIds = (stack: TerraformStack, type: string) =>
  Object.values(resourcesOf(stack, type)).map((one) => one["zone_id"]);

describe("a zone by its name", () => {
  it("is looked up once in a stack, whatever needs it, and must be found exactly once", () => {
    const stack = testStack();
    workerOf(stack, {
      routes: [
        { pattern: "shop.example.com/api/*", zoneName: "example.com" },
        { pattern: "*example.com/*", zoneName: "example.com" },
      ],
      customDomains: [{ hostname: "www.example.com" }],
    });
    workerOf(stack, { workerName: "b", routes: [{ pattern: "b.example.com", zoneName: "example.com" }] }, "B");
    const id = expect.stringMatching(
      /^\$\{data\.cloudflare_zones\.cfkv_Zone-examplecom_\w+\.result\[0\]\.id\}$/,
    ) as unknown;
    expect(zoneIds(stack, ROUTE)).toEqual([id, id, id]);
    expect(zoneIds(stack, DOMAIN)).toEqual([id]);
    expect(lookups(stack)).toEqual({
      "example.com": {
        postcondition: [
          {
            condition: "${length(self.result) == 1}",
            error_message: "exactly one zone of the account must be named example.com",
          },
        ],
      },
    });
    expectFitsProvider(stack);
  });

  it("is looked up for each account and provider", () => {
    const stack = testStack();
    const provider = new CloudflareProvider(stack, "eu", { alias: "eu" });
    const routes = [{ pattern: "a.example.com/*", zoneName: "example.com" }];
    workerOf(stack, { routes });
    workerOf(
      stack,
      { workerName: "b", accountId: OTHER_ACCOUNT, provider, routes: [{ ...routes[0], pattern: "b.example.com/*" }] },
      "B",
    );
    const found = Object.values(synthToJson(stack).data?.["cloudflare_zones"] ?? {});
    expect(found.map(({ account, provider: by }) => [account, by])).toEqual([
      [{ id: OTHER_ACCOUNT }, "cloudflare.eu"],
      [{ id: "0123456789abcdef0123456789abcdef" }, undefined],
    ]);
  });

  it("is a part of an adopted route's id", () => {
    const stack = testStack();
    const pattern = "shop.example.com/*";
    workerOf(stack, { routes: [{ pattern, zoneName: "example.com" }], adopt: { routes: { [pattern]: ZONE } } });
    const ids = (synthToJson(stack).import ?? []).map(({ id }) => id);
    expect(ids).toContainEqual(expect.stringMatching(/^\$\{data\.cloudflare_zones\.[\w-]+\.result\[0\]\.id\}\/e{32}$/));
  });
});

describe("a custom domain without a zone", () => {
  it("belongs to the zone with the longest name that its host ends in", () => {
    const stack = testStack();
    workerOf(stack, { customDomains: [{ hostname: "shop.eu.example.com" }, { hostname: "example.com" }] });
    const [shop] = Object.keys(lookups(stack));
    expect(shop).toBe("ends_with:example.com");
    const zones =
      /data\.cloudflare_zones\.cfkv_Zone-examplecom-of-hosts_\w+\.result/.exec(
        String(zoneIds(stack, DOMAIN)[0]),
      )?.[0] ?? "none";
    expect(zoneIds(stack, DOMAIN)).toContain(
      '${flatten([for name in ["shop.eu.example.com","eu.example.com","example.com"] : ' +
        `[for zone in ${zones} : zone.id if zone.name == name]])[0]}`,
    );
    expect(lookups(stack)["ends_with:example.com"]).toMatchObject({ postcondition: [{}, {}] });
    expectFitsProvider(stack);
  });
});

describe("zones", () => {
  it("are refused when they are missing, said twice or of another host", () => {
    const routes = [
      { pattern: "a.example.com/*" },
      { pattern: "b.example.com/*", zoneId: ZONE, zoneName: "example.com" },
      { pattern: "c.example.org/*", zoneName: "example.com" },
      { pattern: "notexample.com/*", zoneName: "example.com" },
      { pattern: "d.example.com/*", zoneName: "https://example.com" },
    ];
    const customDomains = [{ hostname: "shop.example.org", zoneName: "example.com" }];
    expect(problemsOf(() => workerOf(testStack(), { routes, customDomains }))).toEqual([
      "route 'a.example.com/*' must have a zoneId, or a zoneName to look up",
      "route 'b.example.com/*' must have a zoneId or a zoneName, not both",
      "route 'c.example.org/*' does not belong to the zone 'example.com'",
      "route 'notexample.com/*' does not belong to the zone 'example.com'",
      "route 'd.example.com/*': zoneName must be a domain such as 'example.com', got 'https://example.com'",
      "custom domain 'shop.example.org' does not belong to the zone 'example.com'",
    ]);
  });
});
