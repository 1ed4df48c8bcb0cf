import { resolve } from "node:path";
import ts from "typescript";

/** The compiler's complaints about a file of a user's, with the platform's own types beside Cloudflare's. */
function complaintsOf(file: string, lib: string[], types: string[]): string[] {
  const program = ts.createProgram([file], {
    lib: lib.map((name) => `lib.${name}.d.ts`),
    types,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    paths: { "cdktf-cloudflare-kv/runtime": [resolve("src/runtime/index.ts")] },
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n").split("\n")[0] ?? "");
}

describe("the runtime's public types", () => {
  jest.setTimeout(120_000);

  it.each([
    ["the DOM's", ["es2022", "dom"], []],
    ["Node.js's", ["es2022"], ["node"]],
  ])("take Cloudflare's and Miniflare's bindings, and reject misnamed ones, beside %s types", (_, lib, types) => {
    expect(complaintsOf("test/fixtures/runtime-types/bindings.ts", lib, types)).toEqual([]);
  });
});
