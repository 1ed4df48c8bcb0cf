import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** A program that installs packages, with its commands. */
export interface PackageManager {
  readonly name: "npm" | "pnpm" | "yarn" | "bun";
  readonly install: string;
  /** What a pipeline runs. */
  readonly cleanInstall: string;
  readonly test: string;
}

const MANAGERS: readonly PackageManager[] = [
  { name: "pnpm", install: "pnpm install", cleanInstall: "pnpm install --frozen-lockfile", test: "pnpm test" },
  { name: "yarn", install: "yarn install", cleanInstall: "yarn install --immutable", test: "yarn test" },
  { name: "bun", install: "bun install", cleanInstall: "bun install --frozen-lockfile", test: "bun run test" },
];

const NPM: PackageManager = { name: "npm", install: "npm install", cleanInstall: "npm ci", test: "npm test" };

const LOCKS = {
  pnpm: ["pnpm-lock.yaml"],
  yarn: ["yarn.lock"],
  bun: ["bun.lock", "bun.lockb"],
  npm: ["package-lock.json"],
};

/** The one that runs this command, or whose lock file is in the folder or above it; npm otherwise. */
export function packageManager(folder: string, env: Readonly<Record<string, string | undefined>>): PackageManager {
  const agent = /^(\w+)\//.exec(env["npm_config_user_agent"] ?? "")?.[1];
  const running = MANAGERS.find(({ name }) => name === agent);
  if (running !== undefined) return running;
  for (let at = folder; ; at = dirname(at)) {
    const found = [NPM, ...MANAGERS].find(({ name }) => LOCKS[name].some((file) => existsSync(join(at, file))));
    if (found !== undefined) return found;
    if (dirname(at) === at) return NPM;
  }
}
