import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Emulator } from "../../src/local/emulator/emulator.js";
import { ACCOUNT, api, callWorker, createNamespace } from "../local/emulator/emulator-client.js";
import type { Outcome } from "./outcome.js";
import { WRANGLER_STEPS, wrangler, writeProject } from "./wrangler-steps.js";

/** Takes a project of wrangler's through its life, and throws at the first answer that is not right. */
export async function wranglerRound(
  program: { readonly node: string; readonly bin: string },
  emulator: Emulator,
): Promise<readonly Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), "cfkv-wrangler-"));
  try {
    const namespace = await createNamespace(emulator, "lab");
    const { json } = await api(emulator, "POST", `/accounts/${ACCOUNT}/d1/database`, { body: { name: "lab" } });
    writeProject(folder, { namespace, database: (json.result as { uuid: string }).uuid });
    const place = { ...program, folder, baseUrl: emulator.baseUrl, account: ACCOUNT };
    const outcomes: Outcome[] = [];
    let version = "";
    for (const { command, input, prints, refused, answers } of WRANGLER_STEPS) {
      const words = command.match(/"[^"]*"(?=\s|$)|\S+/g)?.map((word) => word.replace(/^"(.*)"$/, "$1")) ?? [];
      const args = words.map((word) => word.replace("<namespace>", namespace).replace("<version>", version));
      const { code, output } = await wrangler(place, args, input);
      assert.equal(code !== 0, refused === true, `${command}: ${output}`);
      version = /Version ID: ([0-9a-f-]{36})/.exec(output)?.[1] ?? version;
      if (prints !== undefined) assert.match(output, new RegExp(prints.source.replace("<version>", version)), command);
      if (answers !== undefined) {
        const [path, text] = answers;
        const { body } = await callWorker(emulator, "lab.localhost", path);
        assert.equal(body.toString(), text, `${command}, then ${path}`);
      }
      outcomes.push({ command, outcome: refused === true ? "refused" : "works" });
    }
    assert.equal((await callWorker(emulator, "lab.localhost")).status, 404);
    return outcomes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
