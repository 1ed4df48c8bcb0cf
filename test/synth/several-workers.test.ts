import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { App } from "cdktf";
import { EnvironmentSet, type EnvironmentSetProps, WorkerCode } from "../../src/index.js";
import { loadManifests, rehearse } from "../../src/synth/index.js";
import { codesOf, readText } from "../manifest/read-text.js";
import { expectFitsProvider, testApp } from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";

const dirs = tempDirs();
const ACCOUNT = "0123456789abcdef0123456789abcdef";
const HEAD = "apiVersion: cdktf-cloudflare-kv/v1\nkind: EnvironmentSet\nmetadata: {name: shop}\nspec:\n";

function written(define: (app: App) => void): Record<string, string> {
  const app = testApp();
  define(app);
  app.synth();
  return Object.fromEntries(
    Object.values(app.manifest.stacks).map(({ name, synthesizedStackPath }) => [
      name,
      readFileSync(`${app.outdir}/${synthesizedStackPath}`, "utf8"),
    ]),
  );
}

/** The problems of a set, of which everything but `spec` is right. */
function problemsOf(spec: string): string[] {
  const set = readText(`${HEAD}  namespaces: {A: }\n${spec}`);
  rehearse(set);
  return codesOf(set);
}

describe("several Workers in YAML", () => {
  it("are the same stacks as in TypeScript, with what environments change of their bindings", () => {
    const entry = dirs.write("src/index.ts", "export default {};\n");
    const migration = dirs.write("migrations/1.sql", "CREATE TABLE t (id INTEGER);\n");
    const file = dirs.write(
      "set.yaml",
      `${HEAD}
  namespaces: {CACHE: {value: ./src/types#Product}, CONFIG: {value: "@shop/types#Config"}}
  worker: {code: src/index.ts, services: {API: {worker: api}}}
  workers:
    api:
      code: src/index.ts
      d1: {DB: {migrations: migrations}}
      queues: {JOBS: jobs, OLD: old}
      bindings: {FILES: {type: r2_bucket, bucketName: files-dev}, AI: {type: ai}}
      tailConsumers: [{worker: logs}]
    jobs:
      code: src/index.ts
      d1: {DB: {worker: api}}
      durableObjects: {ROOM: {className: Room, worker: api}}
      crons: ["0 * * * *"]
      routes: [{pattern: shop.example.com/*, zoneName: example.com}]
      customDomains: [{hostname: shop.example.org}]
    logs: {code: src/index.ts}
  environments:
    dev: {developers: [ada], workers: {jobs: false}}
    prod:
      vars: {LEVEL: warn}
      worker: false
      workers:
        api: {queues: {OLD: false}, bindings: {FILES: {type: r2_bucket, bucketName: files}, AI: false}}
        jobs: {d1: {DB: false}, bindings: [{name: IMAGES, type: images}]}
        extra: {code: src/index.ts, secrets: [KEY]}
`,
    );
    const code = WorkerCode.fromEntry(entry);
    const props: EnvironmentSetProps = {
      app: "shop",
      accountId: ACCOUNT,
      namespaces: {
        CACHE: { value: `./${relative(process.cwd(), dirs.path("src/types"))}#Product` },
        CONFIG: { value: "@shop/types#Config" },
      },
      worker: { code, services: { API: { worker: "api" } } },
      workers: {
        api: {
          code,
          d1: { DB: { migrations: migration.replace(/\/1\.sql$/, "") } },
          queues: { JOBS: "jobs", OLD: "old" },
          bindings: { FILES: { type: "r2_bucket", bucketName: "files-dev" }, AI: { type: "ai" } },
          tailConsumers: [{ worker: "logs" }],
        },
        jobs: {
          code,
          d1: { DB: { worker: "api" } },
          durableObjects: { ROOM: { className: "Room", worker: "api" } },
          crons: ["0 * * * *"],
          routes: [{ pattern: "shop.example.com/*", zoneName: "example.com" }],
          customDomains: [{ hostname: "shop.example.org" }],
        },
        logs: { code },
      },
      environments: {
        dev: { developers: ["ada"], workers: { jobs: false } },
        prod: {
          vars: { LEVEL: "warn" },
          worker: false,
          workers: {
            api: { queues: { OLD: false }, bindings: { FILES: { type: "r2_bucket", bucketName: "files" }, AI: false } },
            jobs: { d1: { DB: false }, bindings: [{ name: "IMAGES", type: "images" }] },
            extra: { code, secrets: ["KEY"] },
          },
        },
      },
    };
    const yaml = written((app) => {
      for (const stack of loadManifests(app, [file], { accountId: ACCOUNT })) expectFitsProvider(stack);
    });
    expect(Object.keys(yaml)).toEqual(["shop-dev-ada", "shop-prod"]);
    expect(yaml).toEqual(written((app) => new EnvironmentSet(app, "shop", props)));
  });

  it("are reported at the Worker that a problem is about", () => {
    expect(
      problemsOf(`  workers:
    api: {code: nowhere.ts, crons: ["0 * * * *"], routes: []}
    jobs: {code: nowhere.ts, crons: [x], services: {API: {worker: apy}, NONE: {entrypoint: X}}}
  environments:
    dev: {workers: {api: {tailConsumers: [A B]}}}
`),
    ).toEqual([
      "warning ENTRY_NOT_FOUND spec.workers.api.code",
      "warning ENTRY_NOT_FOUND spec.workers.jobs.code",
      "INVALID_PROPS spec.workers.jobs.services",
      "INVALID_PROPS spec.workers.jobs.services",
    ]);
    expect(
      problemsOf(`  workers: {api: {code: {inline: "export default {}"}, crons: ["0 * * * *"]}, jobs: {code: {inline: "export default {}"}, crons: [x]}}
  environments: {dev: , prod: {workers: {api: {tailConsumers: [A B]}}}}
`),
    ).toEqual([
      "INVALID_PROPS spec.workers.jobs.crons",
      "INVALID_PROPS spec.environments.prod.workers.api.tailConsumers",
    ]);
  });

  it("refuse a type of values that is none", () => {
    expect(problemsOf('  environments: {dev: {namespaces: {A: {value: "./types#a b"}}}}\n')).toEqual([
      "INVALID_VALUE spec.environments.dev.namespaces.A.value",
    ]);
  });

  it("have names that can be parts of others, and files that exist", () => {
    expect(
      problemsOf(`  workers: {Api: {code: {}}, worker: {}, jobs: {code: {entry: a.ts, file: b.js}}}
  environments: {dev: {workers: {2fa: {}}}}
`),
    ).toEqual([
      "INVALID_NAME spec.workers.Api",
      "INVALID_NAME spec.workers.worker",
      "INVALID_NAME spec.environments.dev.workers.2fa",
    ]);
    expect(
      problemsOf(`  workers: {jobs: {code: {entry: a.ts, file: b.js}}}
  environments: {dev: }
`),
    ).toEqual([
      "INVALID_VALUE spec.workers.jobs.code",
      "warning ENTRY_NOT_FOUND spec.workers.jobs.code.entry",
      "warning ENTRY_NOT_FOUND spec.workers.jobs.code.file",
    ]);
  });
});
