import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const USUAL = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Where this machine has a browser, which is an error when it has none. */
export function chromiumPath(): string {
  const path = process.env["CHROMIUM"] ?? USUAL.find((each) => existsSync(each));
  if (path !== undefined) return path;
  throw new Error(
    `no Chromium on this machine: install it (Debian: apt-get install chromium), or name its program in CHROMIUM; looked for ${USUAL.join(", ")}`,
  );
}

export function launchChromium(): Promise<Browser> {
  // root, as in containers, has no sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: chromiumPath(), args });
}
