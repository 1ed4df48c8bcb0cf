import { performance } from "node:perf_hooks";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

const TIMES = 10_000;
/** Many short ones: whatever else the machine does, some of them have it to themselves. */
const ROUNDS = 40;

/** The library's own time for one call, in workerd, over a binding that answers at once. */
export async function timeCalls(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: ["bench/runtime/cpu-worker.ts"],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2025-09-01",
  });
  const url = await worker.ready;
  const ask = async (query: string) => {
    const response = await fetch(new URL(query, url));
    if (!response.ok) throw new Error(`${query} failed: ${await response.text()}`);
    return response.text();
  };
  const names = JSON.parse(await ask("/")) as string[];
  const samples = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round <= ROUNDS; round++) {
    // In turn, and backwards every other time: what the machine does meanwhile hits all.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const began = performance.now();
      await ask(`/?name=${encodeURIComponent(name)}&times=${TIMES}`);
      const microseconds = ((performance.now() - began) * 1000) / TIMES;
      if (round > 0) samples.get(name)?.push(microseconds);
    }
  }
  await worker.dispose();
  const quickest = (name: string | undefined) => Math.min(...(samples.get(name ?? "") ?? []));
  const raw = quickest(names[0]);
  console.log(
    `CPU of one call in workerd, µs: quickest of ${ROUNDS} runs of ${TIMES} calls, and over the raw binding\n`,
  );
  for (const name of names) {
    const time = quickest(name);
    console.log(`${name.padEnd(42)} ${time.toFixed(2).padStart(6)} ${(time - raw).toFixed(2).padStart(6)}`);
  }
}
