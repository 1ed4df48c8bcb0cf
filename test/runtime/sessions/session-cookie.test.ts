import { parse } from "cookie";
import fc from "fast-check";
import { sessionCookie } from "../../../src/runtime/index.js";

describe("sessionCookie", () => {
  it("is bound to its host, out of reach of scripts, and sent over HTTPS only", () => {
    const cookie = sessionCookie();

    expect(cookie.write("token", 60.5)).toBe("__Host-sid=token; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax");
    expect(cookie.clear()).toBe("__Host-sid=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax");
  });

  it("reads its own among other cookies", () => {
    const headers = new Headers({ Cookie: "a=1; x__Host-sid=no; __Host-sid=token=; b" });

    expect(sessionCookie().read(headers)).toBe("token=");
    expect(sessionCookie().read(new Headers())).toBeNull();
  });

  it("takes every attribute", () => {
    const cookie = sessionCookie({
      name: "__Secure-s",
      domain: "example.com",
      path: "/app",
      sameSite: "None",
      partitioned: true,
    });

    expect(cookie.write("t", 1)).toBe(
      "__Secure-s=t; Max-Age=1; Path=/app; Domain=example.com; HttpOnly; Secure; SameSite=None; Partitioned",
    );
  });

  it.each([
    [{ secure: false }, "__Host-sid must be secure: rename it for plain HTTP"],
    [{ domain: "a.b" }, "__Host-sid must have path '/' and no domain: use the prefix __Secure- for others"],
    [{ name: "a b" }, "a cookie's name must be a token, got 'a b'"],
    [{ name: "s", path: "/;x" }, "path must begin with '/' and contain no ';' or control characters, got '/;x'"],
    [{ name: "s", secure: false, sameSite: "None" as const }, "SameSite=None and Partitioned need secure: true"],
  ])("refuses %j, which browsers would silently drop", (options, message) => {
    expect(() => sessionCookie(options)).toThrow(message);
  });

  it("reads as the package cookie does, whatever the header holds", () => {
    const part = fc.constantFrom("sid", "sidX", "=", ";", " ", "\t", "a", "%41", "%", '"', "b=c", "\u00a0");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const headers = new Headers({ Cookie: parts.join("") });
        const expected = parse(headers.get("Cookie") ?? "").sid ?? null;
        expect(sessionCookie({ name: "sid" }).read(headers)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("compares the prefixes of names as browsers do, and checks every attribute", () => {
    for (const options of [
      { name: "__host-s", path: "/app" },
      { name: "__SECURE-s", secure: false },
      { name: "s", sameSite: "lax" as never },
      { name: "s", domain: "a b" },
      { name: "s", path: "app" },
    ]) {
      expect(() => sessionCookie(options)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }) as Error);
    }
    expect(() => sessionCookie().write("a;b", 1)).toThrow("visible ASCII");
    expect(() => sessionCookie().write("a", Number.NaN)).toThrow("maxAge");
  });
});
