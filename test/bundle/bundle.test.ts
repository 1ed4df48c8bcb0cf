import { Miniflare } from "miniflare";
import { asOneModule, bundle, type Bundle, type Bundled, type BundleRequest } from "../../src/bundle/bundle.js";
import { tempDirs } from "../support/temp-dir.js";

jest.setTimeout(60_000);

const files = tempDirs();
const DATE = "2026-04-01";
const NODE = { date: DATE, flags: ["nodejs_compat"] };

function bundled(source: string, options: Partial<BundleRequest> = {}): Bundled {
  const entry = files.write("worker.ts", source);
  return bundle({ entry, compatibility: NODE, mode: "production", ...options });
}

function sound(found: Bundled): Bundle {
  if ("problem" in found) throw new Error(found.problem);
  return found;
}

/** What the bundle answers in workerd. */
async function answer(found: Bundled, flags: readonly string[] = NODE.flags): Promise<string> {
  const { text, files: others } = sound(found);
  const miniflare = new Miniflare({
    modulesRoot: "/",
    modules: [
      { type: "ESModule", path: "/index.js", contents: text },
      ...others.map(({ name, type, content }) => ({
        type: type === "wasm" ? ("CompiledWasm" as const) : ("Data" as const),
        path: `/${name}`,
        contents: new Uint8Array(content),
      })),
    ],
    compatibilityDate: DATE,
    compatibilityFlags: [...flags],
  });
  try {
    return await (await miniflare.dispatchFetch("http://worker/")).text();
  } finally {
    await miniflare.dispose();
  }
}

function installed(name: string, source: string, more: object = {}): void {
  files.write(
    `node_modules/${name}/package.json`,
    JSON.stringify({ name, version: "1.0.0", main: "index.js", ...more }),
  );
  files.write(`node_modules/${name}/index.js`, source);
}

const responding = (expression: string): string =>
  `export default { fetch() { return new Response(String(${expression})); } };`;

/** The smallest module that exports `f`, which returns 7. */
const WASM = Buffer.from("AGFzbQEAAAABBQFgAAF/AwIBAAcFAQFmAAAKBgEEAEEHCw==", "base64");

describe("Node.js's modules in a bundle", () => {
  it("are imported without node: too", async () => {
    const source = `import { EventEmitter } from "events"; import { AsyncLocalStorage } from "async_hooks";
      ${responding("typeof EventEmitter + typeof AsyncLocalStorage")}`;

    expect(await answer(bundled(source))).toBe("functionfunction");
  });

  it.each(["node:crypto", "crypto"])("are required by CommonJS packages: %s", async (name) => {
    installed(
      "hashes",
      `const { createHash } = require("${name}"); const EventEmitter = require("events");
       exports.hash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 8) + typeof new EventEmitter().on;`,
    );
    const source = `import { hash } from "hashes"; ${responding('hash("x")')}`;

    for (const minify of [false, true]) {
      expect(await answer(bundled(source, { minify, sourceMap: true }))).toBe("2d711642function");
    }
  });

  it("leave the lines of a source map where they are", () => {
    installed("hashes", `exports.hash = require("crypto").createHash;`);
    const { text } = sound(bundled(`import { hash } from "hashes"; ${responding("hash")}`, { sourceMap: true }));
    const lines = text.split("\n");

    expect(lines.findIndex((line) => line.includes("__cfkv_node_0 from"))).toBeGreaterThan(
      lines.findIndex((line) => line.startsWith("export {")),
    );
    expect(lines.at(-2)).toMatch(/^\/\/# sourceMappingURL=/);
  });

  it("are meant by a name that ends with a slash too", async () => {
    expect(await answer(bundled(`import { Buffer } from "buffer/"; ${responding("typeof Buffer.from")}`))).toBe(
      "function",
    );
  });

  it("are tried by packages that do without them", async () => {
    installed("careful", "try { require('fs'); exports.found = 'yes'; } catch { exports.found = 'no'; }");
    const compatibility = { date: "2025-01-01", flags: ["nodejs_compat"] };

    expect(await answer(bundled(`import { found } from "careful"; ${responding("found")}`, { compatibility }))).toBe(
      "no",
    );
  });

  it("that are missing are refused with what to change, and with no advice that does not exist here", () => {
    const flags = (list: string[], date = DATE) => ({ compatibility: { date, flags: list } });
    const problem = (options: Partial<BundleRequest>): string =>
      (bundled('import "crypto"; import "node:fs"; export default {};', options) as { problem: string }).problem;

    expect(problem(flags([]))).toMatch(/\n\nadd compatibilityFlags: \["nodejs_compat"\] to use Node\.js modules$/);
    expect(problem(flags(["nodejs_als"]))).toMatch(/\n\nadd compatibilityFlags: \["nodejs_compat"\]/);
    expect(problem(flags(["nodejs_compat"], "2025-01-01"))).toMatch(
      /\n\nnode:fs needs compatibilityDate: "2025-09-15" or later$/,
    );
    expect(problem(flags([]))).not.toMatch(/platform/);
  });
});

describe("modules that are not JavaScript", () => {
  it.each(["txt", "html", "sql"])("are strings: .%s", async (ending) => {
    files.write(`x.${ending}`, "select 1; -- é\n");

    expect(await answer(bundled(`import t from "./x.${ending}"; ${responding("t.length + t")}`))).toBe(
      "15select 1; -- é\n",
    );
  });

  it("are values: .json", async () => {
    files.write("x.json", '{ "a": [1] }');

    expect(await answer(bundled(`import x from "./x.json"; ${responding("x.a[0]")}`))).toBe("1");
  });

  it("are an ArrayBuffer: .bin, as a module and in the text", async () => {
    files.write("x.bin", Buffer.from([0, 255, 10]));
    const source = `import x from "./x.bin"; ${responding("[x instanceof ArrayBuffer, ...new Uint8Array(x)]")}`;

    for (const minify of [false, true]) {
      const found = sound(bundled(source, { minify }));
      expect(found.files.map(({ type }) => type)).toEqual(["data"]);
      expect(await answer(found)).toBe("true,0,255,10");
      expect(await answer(asOneModule(found))).toBe("true,0,255,10");
    }
  });

  it.each(["./x.wasm", "./x.wasm?module"])("are WebAssembly modules: %s", async (specifier) => {
    files.write("x.wasm", WASM);
    const found = sound(
      bundled(`import m from "${specifier}"; ${responding("new WebAssembly.Instance(m).exports.f()")}`),
    );

    expect(found.files.map(({ type }) => type)).toEqual(["wasm"]);
    expect(await answer(found)).toBe("7");
    expect(asOneModule(found)).toEqual({
      problem:
        "code imports WebAssembly (x.wasm), which the Terraform provider cannot upload for a Worker that is deployed " +
        "all at once: use rollout: Rollout.gradual([…])",
    });
  });

  it("of one name in two folders are two modules", async () => {
    files.write("a/x.bin", Buffer.from([1]));
    files.write("b/x.bin", Buffer.from([2]));
    const source = `import a from "./a/x.bin"; import b from "./b/x.bin"; ${responding("[new Uint8Array(a)[0], new Uint8Array(b)[0]]")}`;

    expect(await answer(asOneModule(sound(bundled(source))))).toBe("1,2");
  });
});

describe("a bundle", () => {
  it("has NODE_ENV by its mode, unless defined", () => {
    const source = responding("process.env.NODE_ENV");

    expect(sound(bundled(source)).text).toContain('String("production")');
    expect(sound(bundled(source, { mode: "development" })).text).toContain('String("development")');
    expect(sound(bundled(source, { define: { "process.env.NODE_ENV": '"test"' } })).text).toContain('String("test")');
  });

  it("follows tsconfig paths and package.json imports", async () => {
    files.write("tsconfig.json", '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }');
    files.write("package.json", '{ "name": "app", "imports": { "#names": { "workerd": "./lib/names.ts" } } }');
    files.write("lib/greet.ts", "export const greet = (name: string) => `hello ${name}`;");
    files.write("lib/names.ts", "export const name = 'workerd';");

    const source = `import { greet } from "@lib/greet"; import { name } from "#names"; ${responding("greet(name)")}`;
    expect(await answer(bundled(source))).toBe("hello workerd");
  });

  it("names all files that went in", () => {
    files.write("lib/part.ts", "export const part = 1;");
    files.write("page.html", "<p>");
    const { inputs } = sound(
      bundled(`import { part } from "./lib/part"; import p from "./page.html"; ${responding("part + p")}`),
    );

    expect([...inputs].sort()).toEqual([files.path("lib/part.ts"), files.path("page.html"), files.path("worker.ts")]);
  });
});
