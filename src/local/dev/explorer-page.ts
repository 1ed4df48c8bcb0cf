import { createHash } from "node:crypto";
import { embedded } from "../embedded.js";

export interface ExplorerPage {
  readonly html: string;
  /** What the page may do: run its own script and send requests to this server. */
  readonly policy: string;
}

let made: ExplorerPage | undefined;

/**
 * A page to view and change keys and values. It is one file, so it loads nothing else: neither from a network, nor with
 * a token.
 */
export function explorerPage(): ExplorerPage {
  return (made ??= makePage());
}

function makePage(): ExplorerPage {
  const style = embedded("dev/explorer/page.css");
  const script = embedded("dev/explorer/page.browser.ts");
  const icon = `data:image/svg+xml,${encodeURIComponent(embedded("dev/explorer/icon.svg"))}`;
  const html = embedded("dev/explorer/page.html")
    .replace('href="icon.svg"', () => `href="${icon}"`)
    .replace('<link rel="stylesheet" href="page.css" />', () => `<style>${style}</style>`)
    .replace('<script type="module" src="page.browser.ts"></script>', () => `<script type="module">${script}</script>`);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html, policy };
}

function hashOf(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}
