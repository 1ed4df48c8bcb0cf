import { Rollout } from "../../src/constructs/rollout.js";
import type { WorkerWithKvBindingsProps } from "../../src/constructs/worker-props.js";
import { expectFitsProvider, synthToJson, testStack } from "../support/synth.js";
import { onlyResource, problemsOf, workerOf } from "./samples.js";

const ROOM = { ROOMS: { className: "Room" } };
const V1 = { tag: "v1", newSqliteClasses: ["Room"] };

function problemsWith(props: Partial<WorkerWithKvBindingsProps>): readonly string[] {
  return problemsOf(() => workerOf(testStack(), props));
}

describe("Durable Objects of a Worker", () => {
  it("are bound by class, and created by what Cloudflare has not applied of the migrations", () => {
    const stack = testStack();
    workerOf(stack, {
      durableObjects: { ...ROOM, LOGS: { className: "Log", scriptName: "logs" } },
      migrations: [
        V1,
        { tag: "v2", renamedClasses: [{ from: "Room", to: "Hall" }] },
        { tag: "v3", newClasses: ["Room"] },
      ],
    });
    const json = synthToJson(stack);
    const script = onlyResource(json, "cloudflare_workers_script") as Record<string, unknown>;

    expectFitsProvider(stack);
    expect(script["bindings"]).toEqual(
      expect.arrayContaining([
        { name: "ROOMS", type: "durable_object_namespace", class_name: "Room" },
        { name: "LOGS", type: "durable_object_namespace", class_name: "Log", script_name: "logs" },
      ]),
    );
    expect(script["migrations"]).toMatchInlineSnapshot(
      `"\${(contains(["v1","v2","v3"], coalesce(local.Api_MigrationTag_4A7DA6D0, " ")) ? index(["v1","v2","v3"], local.Api_MigrationTag_4A7DA6D0) + 1 : 0) == 3 ? null : { old_tag = local.Api_MigrationTag_4A7DA6D0, new_tag = "v3", steps = slice(local.Api_MigrationSteps_84C85DB1, (contains(["v1","v2","v3"], coalesce(local.Api_MigrationTag_4A7DA6D0, " ")) ? index(["v1","v2","v3"], local.Api_MigrationTag_4A7DA6D0) + 1 : 0), 3) }}"`,
    );
    expect(script["lifecycle"]).toMatchInlineSnapshot(`
     {
       "precondition": [
         {
           "condition": "\${coalesce(local.Api_MigrationTag_4A7DA6D0, " ") == " " || contains(["v1","v2","v3"], coalesce(local.Api_MigrationTag_4A7DA6D0, " "))}",
           "error_message": "Worker shop-api has the migration tag '\${coalesce(local.Api_MigrationTag_4A7DA6D0, " ")}', which is not one of its migrations: add the migrations that were applied elsewhere, in order",
         },
       ],
     }
    `);
    expect(json).toMatchObject({
      locals: expect.anything() as object,
      data: { cloudflare_workers_scripts: expect.anything() as object },
    });
  });

  it("need nothing of other Workers' history", () => {
    const stack = testStack();
    workerOf(stack, { durableObjects: { LOGS: { className: "Log", scriptName: "logs" } } });
    expect(synthToJson(stack)).not.toHaveProperty("data");
  });

  it.each<[string, Partial<WorkerWithKvBindingsProps>, string[]]>([
    [
      "a class that no migration creates",
      { durableObjects: ROOM },
      [
        "durableObjects 'ROOMS': no migration creates the class 'Room': " +
          'add migrations: [{ tag: "v1", newSqliteClasses: ["Room"] }]',
      ],
    ],
    [
      "a class that was renamed",
      { durableObjects: ROOM, migrations: [V1, { tag: "v2", renamedClasses: [{ from: "Room", to: "Hall" }] }] },
      [
        "durableObjects 'ROOMS': no migration creates the class 'Room': " +
          'add migrations: [{ tag: "v3", newSqliteClasses: ["Room"] }]',
      ],
    ],
    [
      "a class that was deleted",
      { durableObjects: ROOM, migrations: [V1, { tag: "v2", deletedClasses: ["Room"] }] },
      [
        "durableObjects 'ROOMS': no migration creates the class 'Room': " +
          'add migrations: [{ tag: "v3", newSqliteClasses: ["Room"] }]',
      ],
    ],
    ["a tag twice", { migrations: [V1, { tag: "v1" }] }, ["migrations use the tag 'v1' twice"]],
    [
      "a class twice",
      { migrations: [V1, { tag: "v2", newClasses: ["Room"] }] },
      ["migration 'v2' creates the class 'Room', which already exists"],
    ],
    [
      "a class that is not there",
      { migrations: [{ tag: "v1", deletedClasses: ["Room"] }] },
      ["migration 'v1' names the class 'Room', which no migration creates"],
    ],
    [
      "a gradual rollout",
      { migrations: [V1], rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) },
      ["migrations cannot be kept by a gradual rollout: drop it, or use Rollout.allAtOnce()"],
    ],
  ])("are refused with %s", (_, props, problems) => {
    expect(problemsWith(props)).toEqual(problems);
  });

  it("have names that no other binding has", () => {
    expect(problemsWith({ durableObjects: ROOM, migrations: [V1], vars: { ROOMS: "x" } })).toEqual([
      expect.stringContaining("'ROOMS'") as string,
    ]);
  });
});

describe("queues and services of a Worker", () => {
  it("are bound by name", () => {
    const stack = testStack();
    workerOf(stack, {
      queues: { JOBS: "jobs" },
      services: { API: { service: "api", entrypoint: "Admin" }, WEB: "web" },
    });
    const script = onlyResource(synthToJson(stack), "cloudflare_workers_script") as Record<string, unknown>;

    expect(script["bindings"]).toEqual(
      expect.arrayContaining([
        { name: "JOBS", type: "queue", queue_name: "jobs" },
        { name: "API", type: "service", service: "api", entrypoint: "Admin" },
        { name: "WEB", type: "service", service: "web" },
      ]),
    );
    expect(JSON.stringify(synthToJson(stack))).toContain(">= 5.22.0");
  });
});
