import { basename, resolve } from "node:path";
import ts from "typescript";

/** The compiler's complaints about files of a user's, with the strictest options that a project may have. */
function complaintsOf(files: readonly string[], lib: readonly string[], types: readonly string[]): string[] {
  const program = ts.createProgram(
    files.map((file) => `test/fixtures/public-types/${file}`),
    {
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
    },
  );
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    const [message = ""] = ts.flattenDiagnosticMessageText(messageText, "\n").split("\n");
    return `${file === undefined ? "" : basename(file.fileName)}:${line}: ${message}`;
  });
}

// Each file has lines that must not compile, below `@ts-expect-error`: the compiler complains where one does.
describe("the public types", () => {
  jest.setTimeout(180_000);

  it("of the runtime take the bindings of each environment, and connect what a class takes and returns", () => {
    expect(complaintsOf(["bindings.ts", "runtime.ts"], ["es2022", "dom"], [])).toEqual([]);
  });

  it("of the constructs reject misspelt and mixed props, and the runtime's fit beside Node.js's", () => {
    expect(complaintsOf(["bindings.ts", "constructs.ts"], ["es2022"], ["node"])).toEqual([]);
  });
});
