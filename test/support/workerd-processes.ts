import { execFileSync } from "node:child_process";

/** The process ids of the runtimes that this process, or another one, has started. */
export function workerdsOf(pid: number = process.pid): number[] {
  try {
    const found = execFileSync("pgrep", ["-P", String(pid), "workerd"], { encoding: "utf8" });
    return found.trim().split("\n").map(Number);
  } catch {
    // It found none.
    return [];
  }
}

/** Waits for something that happens outside of this process; the test's own timeout ends it. */
export async function eventually<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
