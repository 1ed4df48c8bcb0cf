import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import type { TerraformStack } from "cdktf";
import { COMPATIBILITY_DATE } from "../../src/constructs/defaults.js";
import { Rollout } from "../../src/constructs/rollout.js";
import { WorkerCode } from "../../src/constructs/worker-code.js";
import type { WorkerWithKvBindingsProps } from "../../src/constructs/worker-props.js";
import { expectFitsProvider, synthToJson, testStack, workingDirectoryOf } from "../support/synth.js";
import { tempDirs } from "../support/temp-dir.js";
import { namespaceOf, onlyResource, problemsOf, untyped, workerOf } from "./samples.js";

const files = tempDirs();

const NO_FLAGS = { date: COMPATIBILITY_DATE, flags: [] };
const NODE = { date: COMPATIBILITY_DATE, flags: ["nodejs_compat"] };

/** The module as it is in the assembly. */
function moduleOf(stack: TerraformStack): string {
  const { content_file: path } = onlyResource(synthToJson(stack), "cloudflare_workers_script");
  return readFileSync(join(workingDirectoryOf(stack), String(path)), "utf8");
}

function moduleFrom(code: WorkerCode, props: Partial<WorkerWithKvBindingsProps> = {}): string {
  const stack = testStack();
  workerOf(stack, { code, ...props });
  return moduleOf(stack);
}

function problemsWith(code: unknown, props: Partial<WorkerWithKvBindingsProps> = {}): readonly string[] {
  return problemsOf(() => workerOf(testStack(), { code: untyped(code), ...props }));
}

describe("code from an entry", () => {
  it("is one module with all it imports, and has no path of this machine", () => {
    files.write("greeting.ts", "export const greeting = (name: string): string => `hello ${name}`;");
    const entry = files.write(
      "index.ts",
      'import { greeting } from "./greeting";\nexport default { fetch: () => new Response(greeting("world")) };',
    );

    expect(moduleFrom(WorkerCode.fromEntry(entry))).toMatchInlineSnapshot(`
     "// cdktf-cloudflare-kv

     // greeting.ts
     var greeting = (name) => \`hello \${name}\`;

     // index.ts
     var index_default = { fetch: () => new Response(greeting("world")) };
     export {
       index_default as default
     };
     "
    `);
  });

  it("is the same wherever the folder is", () => {
    const source = "export default { fetch: () => new Response(import.meta.url) };";
    const here = moduleFrom(WorkerCode.fromEntry(files.write("a/index.ts", source), { sourceMap: true }));
    const there = moduleFrom(WorkerCode.fromEntry(files.write("b/c/index.ts", source), { sourceMap: true }));

    expect(here).toBe(there);
    expect(here).toContain("//# sourceMappingURL=data:application/json;base64,");
  });

  it("may be made small, and have names defined", () => {
    const source = "declare const VERSION: string;\nexport default { fetch: () => new Response(VERSION) };";
    const entry = files.write("index.ts", source);
    const module = moduleFrom(WorkerCode.fromEntry(entry, { minify: true, define: { VERSION: '"1.2.0"' } }));

    expect(module).toMatch(
      /^\/\/ cdktf-cloudflare-kv\nvar (\w+)=\{fetch:\(\)=>new Response\("1\.2\.0"\)\};export\{\1 as default\};\n$/,
    );
  });

  it("that imports WebAssembly is deployed gradually, with the module beside it, or refused", () => {
    files.write("add.wasm", Buffer.from("AGFzbQEAAAA=", "base64"));
    const entry = files.write("index.ts", 'import add from "./add.wasm";\nexport default { fetch: () => add };');
    const code = WorkerCode.fromEntry(entry);

    expect(problemsWith(code)).toEqual([
      "code imports WebAssembly (add.wasm), which the Terraform provider cannot upload for a Worker that is deployed " +
        "all at once: use rollout: Rollout.gradual([…])",
    ]);
    const stack = testStack();
    workerOf(stack, { code, rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) });
    expectFitsProvider(stack);
    const { modules } = onlyResource(synthToJson(stack), "cloudflare_worker_version") as {
      modules: { name: string; content_type: string; content_file: string }[];
    };
    expect(modules.map(({ name, content_type: type }) => [name, type])).toEqual([
      ["index.js", "application/javascript+module"],
      [expect.stringMatching(/^add-[A-Z0-9]{8}\.wasm$/), "application/wasm"],
    ]);
    const [main = "", wasm = ""] = modules.map(({ content_file: file }) =>
      readFileSync(join(workingDirectoryOf(stack), file), "latin1"),
    );
    expect(main).toContain(`from "./${modules[1]?.name ?? ""}"`);
    expect(wasm).toBe("\0asm\x01\0\0\0");
  });

  it("leaves cloudflare:* to the runtime, and node:* with the flag for it", () => {
    const entry = files.write(
      "index.ts",
      'import { env } from "cloudflare:workers";\nimport { Buffer } from "node:buffer";\n' +
        "export default { fetch: () => new Response(Buffer.from(String(env))) };",
    );
    const module = moduleFrom(WorkerCode.fromEntry(entry), { compatibilityFlags: ["nodejs_compat"] });

    expect(module).toContain('from "cloudflare:workers"');
    expect(module).toContain('from "node:buffer"');
  });

  it("that needs node:* without the flag says which flag", () => {
    const entry = files.write("index.ts", 'import "node:fs";\nexport default {};');
    const [problem, ...more] = problemsWith(WorkerCode.fromEntry(entry));

    expect(more).toEqual([]);
    expect(problem).toContain(`${relative(process.cwd(), entry)}:1:7:`);
    expect(problem).toMatch(/\n\nadd compatibilityFlags: \["nodejs_compat"\] to use Node\.js modules$/);
  });

  it("that does not compile shows esbuild's message with its place", () => {
    const entry = files.write("index.ts", "export default {\n  fetch: () => new Response(;\n};");

    expect(problemsWith(WorkerCode.fromEntry(entry))).toEqual([
      [
        "code could not be bundled:",
        '✘ [ERROR] Unexpected ";"',
        "",
        `    ${relative(process.cwd(), entry)}:2:28:`,
        "      2 │   fetch: () => new Response(;",
        "        ╵                             ^",
      ].join("\n"),
    ]);
  });

  it("shows every message of the bundler", () => {
    const entry = files.write("index.ts", 'import "./a";\nimport "./b";\nexport default {};');
    const [problem] = problemsWith(WorkerCode.fromEntry(entry));

    expect(problem).toContain('Could not resolve "./a"');
    expect(problem).toContain('Could not resolve "./b"');
  });

  it("is bundled once, however many Workers use it", () => {
    const code = WorkerCode.fromEntry(files.write("index.ts", "export default {};"));

    expect(code.module(NO_FLAGS)).toBe(code.module(NO_FLAGS));
    expect(code.module(NODE)).not.toBe(code.module(NO_FLAGS));
  });

  it("must be a file that exports something", () => {
    const script = files.write("script.ts", "addEventListener('fetch', () => {});");
    const missing = files.path("missing.ts");

    expect(problemsWith(WorkerCode.fromEntry(missing))).toEqual([`code entry '${missing}' does not exist`]);
    expect(problemsWith(WorkerCode.fromEntry(files.path()))).toEqual([`code entry '${files.path()}' is not a file`]);
    expect(problemsWith(WorkerCode.fromEntry(script))).toEqual([
      "code must be an ES module with 'export default { fetch() {} }', got a script without an export",
    ]);
  });

  it.each<[string, unknown, unknown, string]>([
    ["a number as file", 7, {}, "code entry must be a string, got 7"],
    ["null as options", "package.json", null, "fromEntry must be an object, got null"],
    ["a misspelt option", "package.json", { minfy: true }, "fromEntry has no field 'minfy' (did you mean 'minify'?)"],
    ["a text as option", "package.json", { minify: "yes" }, "fromEntry: minify must be true or false, got a string"],
    ["a number to define", "package.json", { define: { A: 1 } }, "fromEntry: define 'A' must be a string, got 1"],
  ])("is refused with %s", (_, file, options, problem) => {
    expect(problemsWith(WorkerCode.fromEntry(untyped(file), untyped(options)))).toEqual([problem]);
  });
});

describe("code from a file", () => {
  it("is taken as it is", () => {
    const source = "/* é */ export default {\r\n  fetch: () => new Response(`${1}`) };";

    expect(moduleFrom(WorkerCode.fromFile(files.write("worker.js", source)))).toBe(source);
  });

  it("must be a file, and a module", () => {
    const missing = files.path("missing.js");

    expect(problemsWith(WorkerCode.fromFile(missing))).toEqual([`code file '${missing}' does not exist`]);
    expect(problemsWith(WorkerCode.fromFile(files.path()))).toEqual([`code file '${files.path()}' is not a file`]);
    expect(problemsWith(WorkerCode.fromFile(untyped(undefined)))).toEqual([
      "code file must be a string, got undefined",
    ]);
    expect(problemsWith(WorkerCode.fromFile(files.write("empty.js", "")))).toEqual([
      "code must be an ES module with 'export default { fetch() {} }', got a script without an export",
    ]);
  });
});

describe("code from a string", () => {
  it.each([
    "export default {};",
    "const a = {};export{a as default};",
    "const a={}\nexport { a as default }",
    "export * from 'cloudflare:workers';",
  ])("is taken as it is: %s", (source) => {
    expect(moduleFrom(WorkerCode.fromInline(source))).toBe(source);
  });

  it.each<[string, unknown, string]>([
    [
      "a script",
      "exported = 1;",
      "code must be an ES module with 'export default { fetch() {} }', got a script without an export",
    ],
    ["nothing", undefined, "code must be a string, got undefined"],
    ["a function", () => 1, "code must be a string, got a function"],
  ])("cannot be %s", (_, source, problem) => {
    expect(problemsWith(WorkerCode.fromInline(untyped(source)))).toEqual([problem]);
  });

  it("cannot be a reference, whose text only applying knows", () => {
    const stack = testStack();
    const { namespaceId } = namespaceOf(stack, "Sessions");
    const code = WorkerCode.fromInline(`export default ${namespaceId}`);

    expect(problemsOf(() => workerOf(stack, { code }))).toEqual([
      "code must be known when synthesizing, got a reference that is resolved only on apply",
    ]);
  });
});

describe("the code of a Worker", () => {
  it("must be there", () => {
    expect(problemsWith(undefined)).toEqual(["code is required, such as WorkerCode.fromEntry('src/worker.ts')"]);
  });

  it.each<[string, unknown]>([
    ["a string", "src/worker.ts"],
    ["null", null],
    ["an object", { entry: "src/worker.ts" }],
  ])("cannot be %s", (name, code) => {
    expect(problemsWith(code)).toEqual([
      `code must be WorkerCode, such as WorkerCode.fromEntry('src/worker.ts'), got ${name}`,
    ]);
  });

  it("of every release is checked, and each problem reported", () => {
    const rollout = Rollout.gradual([
      { label: "v1", percentage: 50, code: WorkerCode.fromFile("missing-1.js") },
      { label: "v2", percentage: 50, code: WorkerCode.fromFile("missing-2.js") },
    ]);

    expect(problemsWith(undefined, { rollout })).toEqual([
      `code file 'missing-1.js' does not exist in ${process.cwd()}`,
      `code file 'missing-2.js' does not exist in ${process.cwd()}`,
    ]);
  });
});

describe("a bundle of packages behind a link", () => {
  it("is the same wherever the link leads", () => {
    const [first, second] = ["here", "a/b/there"].map((place) => {
      const store = files.path(`${place}/node_modules`);
      files.write(`${place}/node_modules/left/package.json`, '{ "name": "left", "main": "index.js" }');
      files.write(`${place}/node_modules/left/index.js`, "export const left = 1;");
      files.write(
        "app/worker.ts",
        'import { left } from "left";\nexport default { fetch: () => new Response(`${left}`) };',
      );
      rmSync(files.path("app/node_modules"), { force: true });
      symlinkSync(store, files.path("app/node_modules"));
      const module = WorkerCode.fromEntry(files.path("app/worker.ts"), { sourceMap: true }).module(NO_FLAGS);
      return "text" in module ? module.text : module.problem;
    });

    expect(first).toEqual(second);
    expect(first).toContain("// node_modules/left/index.js");
  });
});
