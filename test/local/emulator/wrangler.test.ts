import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import { startEmulator } from "../../../src/local/emulator/emulator.js";
import { WRANGLER_STEPS } from "../../clients/wrangler-steps.js";
import { wranglerRound } from "../../clients/wrangler.js";

jest.setTimeout(300_000);

it("deploys, versions, rolls back, sets secrets, migrates databases and deletes", async () => {
  const emulator = await startEmulator();
  try {
    const outcomes = await wranglerRound({ node: process.execPath, bin: repositoryWrangler() }, emulator);
    expect(outcomes).toHaveLength(WRANGLER_STEPS.length);
  } finally {
    await emulator.close();
  }
});

function repositoryWrangler(): string {
  const manifest = createRequire(__filename).resolve("wrangler/package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: { wrangler: string } };
  return join(dirname(manifest), bin.wrangler);
}
