/** Runs one seed, export or copy in a process of its own, so that a test can kill it: `data-run.ts <JSON of a DataRun>`. */
import { CloudflareClient } from "../../src/cloudflare/client.js";
import { copyEntries } from "../../src/data/copy.js";
import { checkEntries } from "../../src/data/entries.js";
import { KeySet } from "../../src/data/key-set.js";
import { exportToFile } from "../../src/data/export.js";
import { seed } from "../../src/data/seed.js";

export interface DataRun {
  readonly what: "seed" | "export" | "copy";
  readonly baseUrl: string;
  readonly from: string;
  readonly to: string;
  readonly file: string;
  readonly journal: string;
}

const { what, baseUrl, from, to, file, journal } = JSON.parse(process.argv[2] ?? "") as DataRun;
const accountId = "0123456789abcdef0123456789abcdef";
const retry = { limit: 20, firstSeconds: 0.001, longestSeconds: 0.01 };
const client = new CloudflareClient({ token: "test-token", accountId, baseUrl }, { retry });
const clock = { now: () => Math.floor(Date.now() / 1000), wait: () => Promise.resolve() };
const common = { journal, place: "test", resume: true, verify: true, clock };

/** Ends the process as the command line does, and says on its way what is missing. */
function report(result: { readonly verified: boolean }): void {
  if (result.verified) return;
  process.stderr.write(`${JSON.stringify(result)}\n`);
  process.exitCode = 4;
}

switch (what) {
  case "seed": {
    const wanted = new KeySet();
    const checked = await checkEntries([file], {}, wanted);
    const result = await seed(client.namespace(to), checked, { ...common, prune: { wanted } });
    report(result);
    break;
  }
  case "copy": {
    const result = await copyEntries(client.namespace(from), client.namespace(to), common);
    report(result);
    break;
  }
  case "export":
    await exportToFile(client.namespace(from), file, { place: "test", resume: true });
}
