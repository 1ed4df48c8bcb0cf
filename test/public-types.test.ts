import { resolve } from "node:path";
import ts from "typescript";

/** The compiler's complaints about a file of a user's, with the strictest options that a project may have. */
function complaintsOf(file: string, lib: readonly string[], types: readonly string[]): string[] {
  const program = ts.createProgram([`test/fixtures/public-types/${file}`], {
    lib: lib.map((name) => `lib.${name}.d.ts`),
    types: [...types],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true,
    paths: {
      "cdktf-cloudflare-kv": [resolve("src/index.ts")],
      "cdktf-cloudflare-kv/runtime": [resolve("src/runtime/index.ts")],
    },
  });
  return ts.getPreEmitDiagnostics(program).map(({ file: source, start = 0, messageText }) => {
    const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start).line + 1;
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n").split("\n")[0] ?? ""}`;
  });
}

// Each file has lines that must not compile, below `@ts-expect-error`: the compiler complains where one does.
describe("the public types", () => {
  jest.setTimeout(180_000);

  it.each([
    ["the DOM's", ["es2022", "dom"], []],
    ["Node.js's", ["es2022"], ["node"]],
  ])("take Cloudflare's and Miniflare's bindings, and reject misnamed ones, beside %s types", (_, lib, types) => {
    expect(complaintsOf("bindings.ts", lib, types)).toEqual([]);
  });

  it("of the runtime connect what a class is made with to what it takes and returns", () => {
    expect(complaintsOf("runtime.ts", ["es2022", "dom"], [])).toEqual([]);
  });

  it("of the constructs reject misspelt and mixed props, and what cannot be changed", () => {
    expect(complaintsOf("constructs.ts", ["es2022"], ["node"])).toEqual([]);
  });
});
