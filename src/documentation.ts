/** Where the project is. `package.json` says the same, which a test holds. */
export const REPOSITORY = "https://github.com/cdktf-cloudflare-kv/cdktf-cloudflare-kv";

/** The address of a page of `docs/`, for messages: a path would lead nowhere on the reader's machine. */
export function documentation(page: string): string {
  return `${REPOSITORY}/blob/main/docs/${page}.md`;
}
