import { CodedError, InputError, ServiceError, ValidationError } from "../src/errors.js";

describe("errors", () => {
  it("tell the construct and every broken rule", () => {
    const error = new ValidationError(["a must be 1, got 2", "b is required"], "KvNamespace at 'dev/Sessions'");

    expect(error.message).toBe("KvNamespace at 'dev/Sessions':\n  - a must be 1, got 2\n  - b is required");
    expect(error.problems).toEqual(["a must be 1, got 2", "b is required"]);
    expect(error).toMatchObject({ name: "ValidationError", code: "INVALID_PROPS" });
  });

  it.each([
    ["CodedError", new CodedError("MIXED_CORES", "two copies"), undefined],
    ["InputError", new InputError("ASSEMBLY_MISSING", "no cdktf.out", "run cfkv synth"), "run cfkv synth"],
    ["ServiceError", new ServiceError("CLOUDFLARE_RATE_LIMITED", "too many requests", "wait"), "wait"],
  ])("of class %s keep their name, their code and the way out", (name, error, hint) => {
    expect(error).toBeInstanceOf(CodedError);
    expect(error.name).toBe(name);
    expect((error as { hint?: string }).hint).toBe(hint);
    expect(String(error)).toBe(`${name}: ${error.message}`);
  });

  it("keep their cause", () => {
    const cause = new Error("socket hang up");

    expect(new ServiceError("CLOUDFLARE_UNREACHABLE", "no answer", undefined, { cause }).cause).toBe(cause);
    expect(new InputError("CLOUDFLARE_UNREADABLE", "cannot read", undefined, { cause }).cause).toBe(cause);
  });
});
