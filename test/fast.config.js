import { existsSync } from "node:fs";
import base from "../jest.config.js";

/** What `npm run test:fast` leaves out, and why. jest marks a file that takes long in red: put it here, or make it quick. */
const SLOW = {
  "thousands of generated cases": [
    "test/constructs/lock-pairs-of-stacks.test.ts",
    "test/constructs/lock-pairs.test.ts",
    "test/constructs/properties.test.ts",
    "test/data/key-set.test.ts",
    "test/data/random-runs.test.ts",
    "test/manifest/hostile.test.ts",
    "test/runtime/flags/bucket.test.ts",
    "test/runtime/memory/bulk-reads.test.ts",
    "test/runtime/memory/random.test.ts",
    "test/runtime/memory/writes.test.ts",
    "test/synth/fuzz.test.ts",
    "test/wrangler/import/odd-values.test.ts",
    "test/wrangler/import/round-trip.test.ts",
  ],
  "processes that are started and killed": [
    "test/cli/app/app-environment.test.ts",
    "test/cli/app/run-app.test.ts",
    "test/cli/commands/adopt.test.ts",
    "test/cli/commands/dev-sources.test.ts",
    "test/cli/commands/dev.test.ts",
    "test/cli/commands/emulator.test.ts",
    "test/cli/data/local-data.test.ts",
    "test/cli/deploy",
    "test/cli/new",
    "test/constructs/lock-processes.test.ts",
    "test/data/killed.test.ts",
    "test/e2e",
    "test/local/emulator/durability.test.ts",
    "test/local/engine/revival.test.ts",
    "test/wrangler/import/live.test.ts",
  ],
  "workerd, or a copy of cdktf, loaded often": [
    "test/cli/commands/report.test.ts",
    "test/cli/commands/several-workers.test.ts",
    "test/cli/commands/usage.test.ts",
    "test/cli/d1/migrate.test.ts",
    "test/constructs/core.test.ts",
    "test/data/emulator.test.ts",
    "test/examples",
    "test/local/dev/front.test.ts",
    "test/local/dev/server.test.ts",
    "test/local/doors.test.ts",
    "test/local/emulator/clients.test.ts",
    "test/local/emulator/emulator.test.ts",
    "test/local/emulator/plans.test.ts",
    "test/local/emulator/stored-data.test.ts",
    "test/local/emulator/uploaded-workers.test.ts",
    "test/local/emulator/wire.test.ts",
    "test/local/engine/assets.test.ts",
    "test/local/engine/bindings.test.ts",
    "test/local/engine/engine.test.ts",
    "test/runtime/binding-on-miniflare.test.ts",
    "test/runtime/cache/cache-in-workerd.test.ts",
    "test/runtime/flags/flags-in-workerd.test.ts",
    "test/stacks/edge-store.test.ts",
    "test/templates",
  ],
  "much data, or thirty locations for hours": [
    "test/cli/commands/seed.test.ts",
    "test/data/copy.test.ts",
    "test/data/export.test.ts",
    "test/data/file-options.test.ts",
    "test/data/seed.test.ts",
    "test/runtime/thirty-locations",
  ],
  "the compiler, wrangler or a bundler, loaded whole": [
    "test/bundle",
    "test/cli/commands/types.test.ts",
    "test/local/emulator/wrangler.test.ts",
    "test/cli/commands/wrangler-export.test.ts",
    "test/public-types.test.ts",
  ],
  "every page's commands and code": ["test/docs.test.ts"],
};

const slow = Object.values(SLOW).flat();
const gone = slow.filter((path) => !existsSync(path));
if (gone.length > 0) throw new Error(`test/fast.config.js names what does not exist: ${gone.join(", ")}`);

export default {
  ...base,
  rootDir: "..",
  testPathIgnorePatterns: [...base.testPathIgnorePatterns, ...slow.map((path) => `<rootDir>/${path}`)],
  slowTestThreshold: 3,
  maxWorkers: "100%",
};
