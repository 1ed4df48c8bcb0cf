import { TerraformVariable } from "cdktf";
import { Rollout } from "../../src/constructs/rollout.js";
import type { WorkerWithKvBindingsProps } from "../../src/constructs/worker-props.js";
import { expectFitsProvider, readable, resourcesOf, synthToJson, testStack } from "../support/synth.js";
import { problemsOf, workerOf, ZONE } from "./samples.js";

const GRADUAL = Rollout.gradual([{ label: "v1", percentage: 100 }]);
const ADDRESSES: Partial<WorkerWithKvBindingsProps> = {
  routes: [{ pattern: "shop.example.com/api/*", zoneId: ZONE }],
  customDomains: [{ hostname: "api.example.com", zoneId: ZONE }],
  crons: ["*/5 * * * *", "0 3 * * MON"],
  workersDev: true,
  workersDevSubdomain: "me",
};
const CALLERS = [
  "cloudflare_workers_cron_trigger",
  "cloudflare_workers_custom_domain",
  "cloudflare_workers_route",
  "cloudflare_workers_script_subdomain",
];

function callersOf(props: Partial<WorkerWithKvBindingsProps>): unknown {
  const stack = testStack();
  workerOf(stack, { ...ADDRESSES, ...props });
  expectFitsProvider(stack);
  const { resource = {}, output } = readable(synthToJson(stack));
  return { ...Object.fromEntries(CALLERS.map((type) => [type, resource[type]])), output };
}

describe("what calls a Worker", () => {
  it("all at once refers to the script, and so waits for it", () => {
    expect(callersOf({})).toMatchInlineSnapshot(`
     {
       "cloudflare_workers_cron_trigger": {
         "Api_Crons_F6215FF5": {
           "account_id": "0123456789abcdef0123456789abcdef",
           "schedules": [
             {
               "cron": "*/5 * * * *",
             },
             {
               "cron": "0 3 * * MON",
             },
           ],
           "script_name": "\${cloudflare_workers_script.Api_F70053CD.script_name}",
         },
       },
       "cloudflare_workers_custom_domain": {
         "Api_Domain-apiexamplecom_E27D71A2": {
           "account_id": "0123456789abcdef0123456789abcdef",
           "environment": "production",
           "hostname": "api.example.com",
           "service": "\${cloudflare_workers_script.Api_F70053CD.script_name}",
           "zone_id": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
         },
       },
       "cloudflare_workers_route": {
         "Api_Route-59203d6fdf4b_17B4A6C8": {
           "pattern": "shop.example.com/api/*",
           "script": "\${cloudflare_workers_script.Api_F70053CD.script_name}",
           "zone_id": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
         },
       },
       "cloudflare_workers_script_subdomain": {
         "Api_WorkersDev_CD714ACC": {
           "account_id": "0123456789abcdef0123456789abcdef",
           "enabled": true,
           "previews_enabled": false,
           "script_name": "\${cloudflare_workers_script.Api_F70053CD.script_name}",
         },
       },
       "output": {
         "Api_worker_name_C18D8E95": {
           "value": "\${cloudflare_workers_script.Api_F70053CD.script_name}",
         },
         "Api_worker_urls_CE183A99": {
           "value": [
             "https://api.example.com",
             "https://shop.example.com/api/",
             "https://shop-api.me.workers.dev",
           ],
         },
       },
     }
    `);
  });

  it("in a gradual rollout waits for the deployment, and workers.dev is the worker's own", () => {
    expect(callersOf({ rollout: GRADUAL })).toMatchInlineSnapshot(`
     {
       "cloudflare_workers_cron_trigger": {
         "Api_Crons_F6215FF5": {
           "account_id": "0123456789abcdef0123456789abcdef",
           "schedules": [
             {
               "cron": "*/5 * * * *",
             },
             {
               "cron": "0 3 * * MON",
             },
           ],
           "script_name": "\${cloudflare_workers_deployment.Api_Deployment_BA294793.script_name}",
         },
       },
       "cloudflare_workers_custom_domain": {
         "Api_Domain-apiexamplecom_E27D71A2": {
           "account_id": "0123456789abcdef0123456789abcdef",
           "environment": "production",
           "hostname": "api.example.com",
           "service": "\${cloudflare_workers_deployment.Api_Deployment_BA294793.script_name}",
           "zone_id": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
         },
       },
       "cloudflare_workers_route": {
         "Api_Route-59203d6fdf4b_17B4A6C8": {
           "pattern": "shop.example.com/api/*",
           "script": "\${cloudflare_workers_deployment.Api_Deployment_BA294793.script_name}",
           "zone_id": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
         },
       },
       "cloudflare_workers_script_subdomain": undefined,
       "output": {
         "Api_worker_name_C18D8E95": {
           "value": "\${cloudflare_workers_deployment.Api_Deployment_BA294793.script_name}",
         },
         "Api_worker_urls_CE183A99": {
           "value": [
             "https://api.example.com",
             "https://shop.example.com/api/",
             "https://shop-api.me.workers.dev",
           ],
         },
       },
     }
    `);
  });

  it("in a gradual rollout is workers.dev when it is asked for", () => {
    const subdomainOf = (props: Partial<WorkerWithKvBindingsProps>) => {
      const stack = testStack();
      workerOf(stack, { rollout: GRADUAL, ...props });
      return Object.values(resourcesOf(stack, "cloudflare_worker")).map(({ subdomain }) => subdomain);
    };

    expect(subdomainOf({ workersDev: true })).toEqual([{ enabled: true, previews_enabled: true }]);
    expect(subdomainOf({})).toEqual([{ enabled: false, previews_enabled: false }]);
  });

  it("is nothing by itself", () => {
    const stack = testStack();
    const { urls } = workerOf(stack);
    const { resource = {} } = synthToJson(stack);

    expect(Object.keys(resource)).toEqual(["cloudflare_workers_script"]);
    expect(urls).toEqual([]);
  });

  it("may be no cron any more, which only an empty list can tell", () => {
    const stack = testStack();
    workerOf(stack, { crons: [] });

    expect(Object.values(resourcesOf(stack, "cloudflare_workers_cron_trigger"))).toMatchObject([{ schedules: [] }]);
    expectFitsProvider(stack);
  });
});

describe("the ids of routes and domains", () => {
  const patterns = ["a.example.com/*", "b.example.com/*", "*.example.com/x"];
  const idsOf = (given: string[]) => {
    const stack = testStack();
    workerOf(stack, { routes: given.map((pattern) => ({ pattern, zoneId: ZONE })) });
    return Object.fromEntries(
      Object.entries(resourcesOf(stack, "cloudflare_workers_route")).map(
        ([id, { pattern }]) => [String(pattern), id] as const,
      ),
    );
  };

  it("follow the pattern alone", () => {
    const { "a.example.com/*": first, "*.example.com/x": last } = idsOf(patterns);

    expect(idsOf(["*.example.com/x", "a.example.com/*"])).toEqual({
      "*.example.com/x": last,
      "a.example.com/*": first,
    });
  });

  it("follow what a reference stands for, not how many came before it", () => {
    const ids = (before: number) => {
      const stack = testStack();
      const host = new TerraformVariable(stack, "host", { type: "string" });
      Array.from({ length: before }, (_, index) => new TerraformVariable(stack, `x${index}`, {}).stringValue);
      workerOf(stack, {
        routes: [{ pattern: `${host.stringValue}/*`, zoneId: ZONE }],
        customDomains: [{ hostname: host.stringValue, zoneId: ZONE }],
      });
      expectFitsProvider(stack);
      return [
        ...Object.keys(resourcesOf(stack, "cloudflare_workers_route")),
        ...Object.keys(resourcesOf(stack, "cloudflare_workers_custom_domain")),
      ];
    };

    expect(ids(4)).toEqual(ids(0));
  });
});

describe("the URLs of a Worker", () => {
  it("are what is known of routes, domains and workers.dev", () => {
    const { urls } = workerOf(testStack(), {
      ...ADDRESSES,
      routes: ["a.example.com/*", "https://b.example.com/x", "http://c.example.com/y*"].map((pattern) => ({
        pattern,
        zoneId: ZONE,
      })),
    });

    expect(urls).toEqual([
      "https://api.example.com",
      "https://a.example.com/",
      "https://b.example.com/x",
      "https://c.example.com/y",
      "https://shop-api.me.workers.dev",
    ]);
  });

  it("leave workers.dev out when its subdomain is not known", () => {
    expect(workerOf(testStack(), { workersDev: true }).urls).toEqual([]);
  });

  it("are text for Terraform, too", () => {
    const stack = testStack();
    workerOf(stack, { routes: [{ pattern: "a.example.com/${x}/*", zoneId: ZONE }] });

    expect(Object.values(resourcesOf(stack, "cloudflare_workers_route"))).toMatchObject([
      { pattern: "a.example.com/$${x}/*" },
    ]);
    expectFitsProvider(stack);
  });
});

describe("addresses that break rules", () => {
  it.each(["example.com", "*.example.com/*", "*example.com/*", "https://example.com/a", "example.com/*"])(
    "are not the pattern %s",
    (pattern) => {
      expect(() => workerOf(testStack(), { routes: [{ pattern, zoneId: ZONE }] })).not.toThrow();
    },
  );

  it.each(["", "example", "ftp://example.com", "example.com/a?b", "example.com/a b", "/api/*"])(
    "are the pattern '%s'",
    (pattern) => {
      expect(problemsOf(() => workerOf(testStack(), { routes: [{ pattern, zoneId: ZONE }] }))).toEqual([
        `route pattern must be a host and a path such as 'shop.example.com/api/*', got '${pattern}'`,
      ]);
    },
  );

  it.each(["", "example", "https://example.com", "example.com/", "*.example.com", "Example.com", "-a.example.com"])(
    "are the domain '%s'",
    (hostname) => {
      expect(problemsOf(() => workerOf(testStack(), { customDomains: [{ hostname, zoneId: ZONE }] }))).toEqual([
        `custom domain must be a host such as 'shop.example.com', got '${hostname}'`,
      ]);
    },
  );

  it.each(["* * * * *", "*/5 0-6,12 1 JAN MON-FRI", "0 0 L * *", "59 23 * * 6#2"])("are not the cron '%s'", (cron) => {
    expect(() => workerOf(testStack(), { crons: [cron] })).not.toThrow();
  });

  it.each(["", "* * * *", "* * * * * *", "@daily", "a b c d ?"])("are the cron '%s'", (cron) => {
    expect(problemsOf(() => workerOf(testStack(), { crons: [cron] }))).toEqual([
      `a cron must have five fields such as '*/5 * * * *', got '${cron}'`,
    ]);
  });

  it("are all reported at once", () => {
    const route = { pattern: "a.example.com/*", zoneId: "z" };
    const domain = { hostname: "a.example.com", zoneId: "z" };

    expect(
      problemsOf(() =>
        workerOf(testStack(), {
          routes: [route, { ...route, zoneId: ZONE }],
          customDomains: [domain, { ...domain, zoneId: ZONE }],
          crons: ["* * * * *", "* * * * *"],
        }),
      ),
    ).toEqual([
      "route 'a.example.com/*': zoneId must be 32 lower-case hexadecimal digits, got 'z'",
      "route 'a.example.com/*' is listed twice",
      "custom domain 'a.example.com': zoneId must be 32 lower-case hexadecimal digits, got 'z'",
      "custom domain 'a.example.com' is listed twice",
      "cron '* * * * *' is listed twice",
    ]);
  });
});
