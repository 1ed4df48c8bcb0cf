/** `npm run bench -- <name>` runs bench/<name>.ts. */
import { readdirSync } from "node:fs";

const names = readdirSync(import.meta.dirname)
  .map((file) => /^(.+)\.ts$/.exec(file)?.[1])
  .filter((name) => name !== undefined && name !== "run");
const [, , name = ""] = process.argv;

if (names.includes(name)) {
  const bench = (await import(`./${name}.ts`)) as { run: () => void | Promise<void> };
  await bench.run();
} else {
  console.error(`no benchmark is named '${name}': npm run bench -- ${names.join("|")}`);
  process.exitCode = 2;
}
