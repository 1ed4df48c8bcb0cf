/** Runs one seed, export or copy in a process of its own, so that a test can kill it: `data-run.ts <JSON of a DataRun>`. */
import { CloudflareClient } from "../../src/cloudflare/client.js";
import { copyEntries } from "../../src/data/copy.js";
import { checkEntries } from "../../src/data/entries.js";
import { KeySet } from "../../src/data/key-set.js";
import { exportToFile } from "../../src/data/export.js";
import { seed } from "../../src/data/seed.js";
import type { EntriesTarget } from "../../src/data/target.js";

export interface DataRun {
  readonly what: "seed" | "export" | "copy";
  readonly baseUrl: string;
  readonly from: string;
  readonly to: string;
  readonly file: string;
  readonly journal: string;
  /** Reads back what was written. @default true */
  readonly verify?: boolean;
  /** Deletes what is not in the file. @default true */
  readonly prune?: boolean;
  /** Pairs in one bulk write. @default - as many as Cloudflare takes */
  readonly pairsAtOnce?: number;
}

const {
  what,
  baseUrl,
  from,
  to,
  file,
  journal,
  verify = true,
  prune = true,
  pairsAtOnce,
} = JSON.parse(process.argv[2] ?? "") as DataRun;
const accountId = "0123456789abcdef0123456789abcdef";
const retry = { limit: 20, firstSeconds: 0.001, longestSeconds: 0.01 };
const client = new CloudflareClient({ token: "test-token", accountId, baseUrl }, { retry });
const clock = { now: () => Math.floor(Date.now() / 1000), wait: () => Promise.resolve() };
const common = { journal, place: "test", resume: true, verify, clock };
const target = (id: string): EntriesTarget =>
  Object.assign(client.namespace(id), pairsAtOnce === undefined ? {} : { pairsAtOnce });

/** Ends the process as the command line does, and says on its way what is missing. */
function report(result: { readonly verified: boolean; readonly missingCount: number; readonly stopped?: Error }): void {
  if (result.verified || (!verify && result.missingCount === 0 && result.stopped === undefined)) return;
  process.stderr.write(`${JSON.stringify(result)}\n`);
  process.exitCode = 4;
}

switch (what) {
  case "seed": {
    const wanted = new KeySet();
    const checked = await checkEntries([file], {}, wanted);
    const result = await seed(target(to), checked, { ...common, ...(prune && { prune: { wanted } }) });
    report(result);
    break;
  }
  case "copy": {
    const result = await copyEntries(client.namespace(from), target(to), common);
    report(result);
    break;
  }
  case "export":
    await exportToFile(client.namespace(from), file, { place: "test", resume: true });
}
