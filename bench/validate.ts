/** Judging 1,000 and 10,000 documents against parsing their YAML alone, all of one file, and against the whole command. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { readManifests } from "../src/manifest/index.js";

const ROUNDS = 7;

export function run(): void {
  const folder = mkdtempSync(join(tmpdir(), "bench-validate-"));
  try {
    console.log("documents   yaml alone    validate    ratio   µs a document");
    for (const count of [1_000, 2_000, 5_000, 10_000]) measure(join(folder, `${count}.yaml`), count);
    if (process.argv.includes("--command")) measureCommand(join(folder, "1000.yaml"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measure(file: string, count: number): void {
  const text = Array.from({ length: count }, (_, index) => document(index)).join("---\n");
  writeFileSync(file, text);
  const yaml: number[] = [];
  const ours: number[] = [];
  // Taken in turns, so that a busy moment of the machine hits both.
  for (let round = 0; round < ROUNDS; round++) {
    yaml.push(time(() => parseAllDocuments(text)));
    ours.push(
      time(() => {
        if (!readManifests([file]).isValid()) throw new Error("the documents must be valid");
      }),
    );
  }
  const [a, b] = [median(yaml), median(ours)];
  const columns = [
    ms(a).padStart(13),
    ms(b).padStart(12),
    (b / a).toFixed(2).padStart(9),
    ((b * 1000) / count).toFixed(0).padStart(16),
  ];
  console.log(String(count).padStart(9) + columns.join(""));
}

function measureCommand(file: string): void {
  const times = Array.from({ length: 5 }, () =>
    time(() => void execFileSync(process.execPath, ["dist/esm/cli/bin.js", "validate", file])),
  );
  const bare = Array.from({ length: 5 }, () => time(() => void execFileSync(process.execPath, ["-e", "0"])));
  console.log(`cfkv validate, 1000 documents: ${ms(median(times))} (node -e 0: ${ms(median(bare))})`);
}

function document(index: number): string {
  return `apiVersion: cloudflare.project-planton.org/v1
kind: CloudflareKvNamespace
metadata:
  name: shop-cache-${index}
  labels:
    team: team-${index % 7}
spec:
  namespace_name: shop-cache-${index}-prod
  ttl_seconds: ${60 + index}
  description: "Cached answers of service ${index}"  # an hour
`;
}

function time(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
