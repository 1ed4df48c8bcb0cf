import { testOptions } from "../../src/local/test-options.js";
import { tempDirs } from "../support/temp-dir.js";

const dirs = tempDirs();
const FIXTURES = "test/fixtures/assembly";

describe("the options of a Worker under test", () => {
  it("are those of the stack, with the values that the test gives", () => {
    const { miniflare, main } = testOptions({
      project: FIXTURES,
      output: "hand-written",
      stack: "web",
      worker: "backend",
      vars: { STAGE: "unit" },
    });
    expect(main).toBeUndefined();
    expect(miniflare).toMatchObject({
      compatibilityDate: "2025-01-01",
      bindings: { STAGE: "unit" },
      kvNamespaces: { SHARED: expect.any(String) as string, LEGACY: expect.any(String) as string },
      r2Buckets: { FILES: "files" },
    });
    expect(miniflare).not.toHaveProperty("script");
  });

  it("run the Workers that it calls beside it", () => {
    const { miniflare } = testOptions({ project: FIXTURES, output: "hand-written", stack: "web" });
    expect(miniflare).toMatchObject({ serviceBindings: { BACKEND: "backend" }, workers: [{ name: "backend" }] });
  });

  it("name the Workers there are when there is none of that name", () => {
    expect(() => testOptions({ project: FIXTURES, output: "hand-written", stack: "web", worker: "backnd" })).toThrow(
      "stack web has no Worker 'backnd'",
    );
    expect(() => testOptions({ project: dirs.path() })).toThrow(/no assembly|cdktf\.out/);
  });
});
