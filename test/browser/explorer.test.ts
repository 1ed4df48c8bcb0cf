import { readFileSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { chooseStack, readAssembly } from "../../src/assembly/index.js";
import { readEntries } from "../../src/data/entries.js";
import { startDev, type DevServer } from "../../src/local/dev/server.js";
import type { EngineStore } from "../../src/local/engine/store.js";
import { tempDirs } from "../support/temp-dir.js";
import { launchChromium } from "./chromium.js";

jest.setTimeout(60_000);

const CONFIG = "edge-store-config-dev-alice";
const SESSIONS = "edge-store-sessions-dev-alice";

describe("the KV explorer in a browser", () => {
  const dirs = tempDirs();
  let server: DevServer;
  let browser: Browser;
  let config: EngineStore;
  let page: Page;
  /** What the browser complained about. */
  let complaints: string[];

  beforeAll(async () => {
    const assembly = readAssembly("test/fixtures/assembly/edge-store");
    server = await startDev({ port: 0, readSeeds: readEntries });
    await server.update(assembly, chooseStack(assembly, {}), new Map());
    config = server.engine.store(CONFIG);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });
  beforeEach(async () => {
    const { keys } = await config.list();
    await config.deleteAll(keys.map(({ name }) => name));
    complaints = [];
    page = await newPage();
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(15_000);
    const made = await context.newPage();
    made.on("pageerror", (error) => complaints.push(error.message));
    made.on("console", (message) => {
      if (message.type() === "error" && !EXPECTED_STATUS.test(message.text())) complaints.push(message.text());
    });
    return made;
  }
  /** The browser reports every answer that is no success, also those the page asks a question about. */
  const EXPECTED_STATUS = /^Failed to load resource: the server responded with a status of (400|409)/;

  async function open(namespace = CONFIG, onto = page): Promise<void> {
    await onto.goto(`${server.explorerUrl}#${namespace}`);
    await onto.locator('#keys[aria-busy="false"]').waitFor({ state: "attached" });
  }
  const openKey = async (key: string): Promise<void> => {
    await page.locator("#keys button", { hasText: key }).first().click();
    await page.locator("#entry").waitFor();
  };
  const said = (text: string): Promise<void> => page.locator("#messages p", { hasText: text }).waitFor();
  const asked = (): Promise<string> => page.locator("#question[open] #question-text").innerText();
  const stored = async (key: string): Promise<string | undefined> => {
    const entry = await config.get(key);
    return entry === undefined ? undefined : Buffer.from(entry.body).toString();
  };
  const expirationOf = async (key: string): Promise<number | undefined> =>
    (await config.list({ prefix: key })).keys.find(({ name }) => name === key)?.expiration;
  const keyNames = async (): Promise<string[]> => (await config.list()).keys.map(({ name }) => name);
  const listed = (): Promise<string[]> => page.locator("#keys .key").allTextContents();

  it("shows the stack, its environment, and every namespace with its TTL and description", async () => {
    await open();
    expect(await page.locator("#stack").innerText()).toMatch(/edge-store-dev-alice\s+dev\s+alice/);
    expect(await page.title()).toBe("edge-store-dev-alice – KV explorer");
    expect(await page.locator("nav li").allInnerTexts()).toEqual([
      "SESSIONS\nedge-store-sessions-dev-alice\nkeys expire after 1 day\nsigned-in users",
      "CONFIG\nedge-store-config-dev-alice\nkeys do not expire",
    ]);
    expect(await page.locator("#no-keys").innerText()).toBe("This namespace has no keys.");
  });

  it("says that it loads while it does", async () => {
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route("**/keys?*", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(server.explorerUrl);
    await page.locator("#key-count", { hasText: "Loading…" }).waitFor();
    expect(await page.locator("#no-keys").innerText()).toBe("Loading…");
    answer();
    await page.locator("#key-count", { hasText: "key" }).waitFor();
  });

  it("lists keys with metadata and the time they have left", async () => {
    await config.put("soon", "v", { expirationTtl: 25 * 60 + 30, metadata: { by: "me" } });
    await open();
    expect(await page.locator("#keys button").innerText()).toMatch(/^soon\s+\{"by":"me"\} · in 25 min$/);
  });

  it("stores text that was not edited unchanged", async () => {
    await config.put("crlf", "a\r\nb\rc\n");
    await open();
    await openKey("crlf");
    await page.fill("#metadata", '{"n":1}');
    await page.click("#save");
    await said("Saved crlf");
    expect(await stored("crlf")).toBe("a\r\nb\rc\n");
    expect((await config.get("crlf"))?.metadata).toEqual({ n: 1 });
  });

  it("keeps the line ends of text that is edited", async () => {
    await config.put("crlf", "a\r\nb\r\n");
    await open();
    await openKey("crlf");
    await page.fill("#value", "a\nnew\nb\n");
    await page.keyboard.press("Control+s");
    await said("Saved crlf");
    expect(await stored("crlf")).toBe("a\r\nnew\r\nb\r\n");
  });

  it("keeps keys with line ends and spaces, and shows what cannot be seen", async () => {
    const odd = " a\r\nb\u200b ";
    await config.put(odd, "v");
    await open();
    expect(await listed()).toEqual(["·a\\r\\nb\\u{200b}·"]);
    await page.locator("#keys button").click();
    await page.fill("#value", "w");
    await page.click("#save");
    await said("Saved");
    expect(await keyNames()).toEqual([odd]);
    expect(await stored(odd)).toBe("w");
  });

  it("changes the metadata of a value that is no text without touching the value", async () => {
    await config.put("binary", new Uint8Array([0xff, 0, 0xfe]));
    await open();
    await openKey("binary");
    expect(await page.locator("#value").isDisabled()).toBe(true);
    await page.fill("#metadata", "[1]");
    await page.click("#save");
    await said("Saved binary");
    expect(await config.get("binary")).toEqual({ body: new Uint8Array([0xff, 0, 0xfe]), metadata: [1] });
  });

  it("writes a new key once, however fast Save is clicked", async () => {
    await open();
    let writes = 0;
    page.on("request", (request) => (writes += request.method() === "PUT" ? 1 : 0));
    await page.click("#new");
    await page.fill("#key", "fresh");
    await page.fill("#value", "v");
    await page.evaluate('for (let click = 0; click < 5; click++) document.getElementById("save").click()');
    await said("Saved fresh");
    await page.locator('#keys [aria-current="true"]', { hasText: "fresh" }).waitFor();
    expect(writes).toBe(1);
    expect(await keyNames()).toEqual(["fresh"]);
  });

  it("gives a new key the namespace's TTL unless another expiry is chosen", async () => {
    const sessions = server.engine.store(SESSIONS);
    await open(SESSIONS);
    await page.click("#new");
    await page.fill("#key", "with-ttl");
    await page.click("#save");
    await said("Saved with-ttl");
    const { keys } = await sessions.list({ prefix: "with-ttl" });
    expect((keys[0]?.expiration ?? 0) - Date.now() / 1000).toBeGreaterThan(86_000);
    await sessions.delete("with-ttl");
  });

  it("removes an expiry, keeps one, and sets one", async () => {
    await config.put("k", "v", { expirationTtl: 7200 });
    const before = await expirationOf("k");
    await open();
    await openKey("k");
    await page.fill("#value", "w");
    await page.click("#save");
    await said("Saved k");
    expect(await expirationOf("k")).toBe(before);

    await page.locator("#save:disabled").waitFor();
    await page.selectOption("#expiry", "never");
    await page.click("#save");
    await page.locator("#keys button", { hasNotText: "in " }).waitFor();
    expect(await expirationOf("k")).toBeUndefined();

    await page.selectOption("#expiry", "after");
    await page.fill("#expiry-count", "3");
    await page.click("#save");
    await page.locator("#keys button", { hasText: /in [23] hours/ }).waitFor();
    expect(((await expirationOf("k")) ?? 0) - Date.now() / 1000).toBeGreaterThan(10_000);
  });

  it("refuses an expiry that KV does not take, beside the field", async () => {
    await config.put("k", "v");
    await open();
    await openKey("k");
    await page.selectOption("#expiry", "after");
    await page.selectOption("#expiry-unit", "1");
    await page.fill("#expiry-count", "30");
    await page.click("#save");
    expect(await page.locator("#expiry-problem").innerText()).toBe("Workers KV keeps a key for at least 60 seconds");
    expect(await expirationOf("k")).toBeUndefined();
  });

  it("asks before it deletes", async () => {
    await config.put("k", "v");
    await open();
    await openKey("k");
    await page.click("#delete");
    expect(await asked()).toBe("Delete the key k? This cannot be undone.");
    await page.keyboard.press("Escape");
    expect(await keyNames()).toEqual(["k"]);
    await page.click("#delete");
    await page.click("#question-yes");
    await said("Deleted k");
    expect(await keyNames()).toEqual([]);
    await page.locator("#no-entry").waitFor();
  });

  it("renames a key, and overwrites no other one without a question", async () => {
    await config.put("a", "of a", { metadata: 1 });
    await config.put("b", "of b");
    await open();
    await openKey("a");
    await page.fill("#key", "b");
    expect(await page.locator("#save").innerText()).toBe("Rename and save");
    await page.click("#save");
    expect(await asked()).toBe("The key b exists already. Replace its entry?");
    await page.locator("#question button", { hasText: "Cancel" }).click();
    expect([await stored("a"), await stored("b")]).toEqual(["of a", "of b"]);

    await page.fill("#key", "c");
    await page.click("#save");
    await said("Renamed a to c");
    expect(await keyNames()).toEqual(["b", "c"]);
    expect((await config.get("c"))?.metadata).toBe(1);
  });

  it("asks before it replaces what has changed since it was opened", async () => {
    await config.put("k", "v");
    await open();
    await openKey("k");
    await config.put("k", "by a Worker");
    await page.fill("#value", "mine");
    await page.click("#save");
    expect(await asked()).toBe("k has changed since you opened it. Replace it with your version?");
    await page.keyboard.press("Escape");
    expect(await stored("k")).toBe("by a Worker");
    await page.click("#save");
    await page.click("#question-yes");
    await said("Saved k");
    expect(await stored("k")).toBe("mine");
  });

  it("asks before changes are lost", async () => {
    await config.put("a", "1");
    await config.put("b", "2");
    await open();
    await openKey("a");
    await page.fill("#value", "edited");
    await page.locator("#keys button", { hasText: "b" }).click();
    expect(await asked()).toBe("Discard your changes?");
    await page.keyboard.press("Escape");
    expect(await page.inputValue("#value")).toBe("edited");
  });

  it("keeps what is chosen when it is reloaded, and when the page is", async () => {
    await config.put("a/b", "1");
    await config.put("c", "2");
    await open();
    await openKey("a/b");
    await page.click("#reload");
    await page.locator('#keys[aria-busy="false"] [aria-current="true"]', { hasText: "a/b" }).waitFor();
    await page.reload();
    await page.locator('#keys [aria-current="true"]', { hasText: "a/b" }).waitFor();
    await page.locator("#entry").waitFor();
    expect(await page.inputValue("#key")).toBe("a/b");
  });

  it("shows JSON of one line with a member a line, and stores it in one line, numbers as they are", async () => {
    await config.put("json", '{"id":12345678901234567890,"a":[1,2]}\n');
    await open();
    await openKey("json");
    const pretty = '{\n  "id": 12345678901234567890,\n  "a": [\n    1,\n    2\n  ]\n}';
    expect(await page.inputValue("#value")).toBe(pretty);
    await page.click("#pretty");
    expect(await page.inputValue("#value")).toBe('{"id":12345678901234567890,"a":[1,2]}\n');
    expect(await page.locator("#save").isDisabled()).toBe(true);
    await page.click("#pretty");
    await page.fill("#value", pretty.replace("1,\n", "7,\n"));
    await page.click("#save");
    await said("Saved json");
    expect(await stored("json")).toBe('{"id":12345678901234567890,"a":[7,2]}\n');
  });

  it("says what is wrong with JSON, and refuses invalid metadata", async () => {
    await config.put("json", "{}");
    await open();
    await openKey("json");
    await page.fill("#value", '{"a": x}');
    expect(await page.locator("#value-problem").innerText()).toMatch(/^not valid JSON: Unexpected token 'x'/);
    await page.fill("#metadata", "{x");
    await page.click("#save");
    expect(await page.locator("#metadata-problem").innerText()).toMatch(/^metadata must be JSON: /);
    expect(await stored("json")).toBe("{}");
  });

  it("shows why the server refuses, and what has failed, until something succeeds", async () => {
    await open();
    await page.click("#new");
    await page.fill("#key", "k".repeat(513));
    await page.click("#save");
    await said("key must have at most 512 UTF-8 bytes, got 513");
    await page.fill("#key", "short");
    await page.click("#save");
    await said("Saved short");
    expect(await page.locator("#messages .failure").count()).toBe(0);
  });

  it("says so when nothing answers any more", async () => {
    await open();
    await page.route("**/api/**", (route) => route.abort());
    await page.click("#reload");
    await said("the server does not respond: is cfkv dev still running?");
    complaints = complaints.filter((each) => !each.includes("net::ERR_FAILED"));
  });

  it("loads page by page, and searches by prefix and in the values that are loaded", async () => {
    const entries = Array.from({ length: 130 }, (_, at) => ({
      key: `${at % 2 === 0 ? "even" : "odd"}/${String(at).padStart(3, "0")}`,
      value: at === 4 ? "The Needle" : "hay",
    }));
    await config.putAll(entries);
    await open();
    expect(await page.locator("#key-count").innerText()).toBe("100 keys loaded, there are more");
    await page.click("#more");
    await page.locator("#key-count", { hasText: "130 keys" }).waitFor();
    await page.fill("#contains", "needle");
    await page.locator("#key-count", { hasText: "1 found in 130 keys" }).waitFor();
    expect(await listed()).toEqual(["even/004"]);
    await page.fill("#contains", "");
    await page.fill("#prefix", "odd/");
    await page.locator("#key-count", { hasText: "65 keys" }).waitFor();
    expect((await listed()).every((key) => key.startsWith("odd/"))).toBe(true);
    await page.fill("#prefix", "none");
    await page.locator("#no-keys", { hasText: "No key begins with this prefix." }).waitFor();
  });

  it("exports a namespace to a file, and imports it after it said what is replaced", async () => {
    await config.put("text", "a\r\n", { metadata: { n: 1 } });
    await config.put("binary", new Uint8Array([0xff]));
    await open();
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
    expect(download.suggestedFilename()).toBe(`${CONFIG}.json`);
    const file = `${dirs.path()}/${download.suggestedFilename()}`;
    await download.saveAs(file);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual([
      { key: "binary", value: "/w==", base64: true },
      { key: "text", value: "a\r\n", metadata: { n: 1 } },
    ]);
    await config.delete("binary");
    await config.put("text", "changed");

    await page.setInputFiles("#import-file", file);
    expect(await asked()).toBe(
      `Import 2 entries from ${CONFIG}.json into ${CONFIG}? 1 of the keys exist and will be replaced.`,
    );
    expect(await stored("text")).toBe("changed");
    await page.click("#question-yes");
    await said(`Imported 2 entries from ${CONFIG}.json`);
    expect(await stored("text")).toBe("a\r\n");
    expect((await config.get("binary"))?.body).toEqual(new Uint8Array([0xff]));
    await page.locator("#keys button", { hasText: "binary" }).waitFor();
  });

  it("imports nothing of a file with a problem, and says where it is", async () => {
    await open();
    const lines = '{"key":"ok","value":"v"}\n{"key":"","value":"v"}\n';
    await page.setInputFiles("#import-file", {
      name: "seed.ndjson",
      mimeType: "application/x-ndjson",
      buffer: Buffer.from(lines),
    });
    await said("seed.ndjson:2: key must not be empty");
    expect(await page.locator("#messages p").innerText()).not.toContain("/");
    expect(await keyNames()).toEqual([]);
  });

  it("is used with the keyboard alone", async () => {
    await config.put("a", "1");
    await config.put("b", "2");
    await open();
    await page.keyboard.press("/");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator("#entry").waitFor();
    expect(await page.inputValue("#key")).toBe("b");
    await page.keyboard.press("Escape");
    await page.locator("#no-entry").waitFor();
    await page.keyboard.press("n");
    await page.keyboard.type("typed");
    await page.keyboard.press("Enter");
    await said("Saved typed");
    await page.locator("#keys").focus();
    expect(await keyNames()).toEqual(["a", "b", "typed"]);
  });

  it("works on a phone: the entry is in sight when a key is opened, and nothing is wider than the screen", async () => {
    await config.put("k".repeat(200), JSON.stringify({ a: "b".repeat(300) }), { metadata: "m".repeat(100) });
    await page.context().close();
    page = await newPage({ viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true });
    const overflow = (): Promise<number> =>
      page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    await open();
    expect(await overflow()).toBe(0);
    await page.locator("#keys button").tap();
    await page.locator("#entry").waitFor();
    expect((await page.locator("#value").boundingBox())?.y).toBeLessThan(400);
    expect(await overflow()).toBe(0);
    await page.tap("#back");
    await page.locator("#keys button").waitFor();
  });

  it("works with a token where other machines can reach it", async () => {
    const open = await startDev({ port: 0, ip: "0.0.0.0", readSeeds: readEntries });
    try {
      const assembly = readAssembly("test/fixtures/assembly/edge-store");
      await open.update(assembly, chooseStack(assembly, {}), new Map());
      await page.goto(`${open.explorerUrl}#${CONFIG}`);
      await page.locator("#keys button").first().click();
      await page.locator("#entry").waitFor();
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
      expect(await download.failure()).toBeNull();
    } finally {
      await open.dispose();
    }
  });
});
