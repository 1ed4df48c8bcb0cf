import { codesOf, namespaceYaml, readText } from "../read-text.js";

function template(resources: string, head = ""): string {
  return `project_name: shop\narchitecture_type: workers_kv\n${head}resources:\n${resources}\n`;
}

function environmentSet(spec: string): string {
  return `apiVersion: cdktf-cloudflare-kv/v1\nkind: EnvironmentSet\nmetadata: {name: shop}\nspec:\n${spec.replace(/^/gm, "  ")}\n`;
}

const API = "  - {id: api, type: cloudflare_worker, name: api, config: {main: .}}";
const CACHE = "  - {id: cache, type: cloudflare_kv, name: cache, config: {binding: CACHE}}";
const MINIMAL = "namespaces: {CACHE: }\nenvironments: {dev: }\n";

describe("a template", () => {
  it("is recognised by its architecture_type, in either spelling", () => {
    expect(codesOf(readText(template(`${API}\n${CACHE}`)))).toEqual([]);
    expect(
      codesOf(readText(`projectName: shop\narchitectureType: workers_kv\nresources:\n${API}\n${CACHE}\n`)),
    ).toEqual([]);
  });

  it.each([
    [API, ["MISSING_RESOURCE resources"]],
    [CACHE, ["MISSING_RESOURCE resources"]],
    [`${API}\n${API}\n${CACHE}`, ["MISSING_RESOURCE resources", "DUPLICATE_NAME resources[1].id"]],
    [`${API}\n  - {id: cfkv, type: cloudflare_kv, name: x, config: {binding: X}}`, ["INVALID_NAME resources[1].id"]],
    [
      `${API}\n  - {id: x, type: cloudflare_kv, name: ${"x".repeat(60)}, config: {binding: X}}`,
      ["TOO_LONG resources[1].name"],
    ],
    [`${API}\n  - {id: x, type: cloudflare_kv, name: x, config: {}}`, ["MISSING_FIELD resources[1].config"]],
    [`${API}\n  - {id: x, type: cloudflare_kv, name: x}`, ["MISSING_FIELD resources[1]"]],
    [`${API}\n  - {id: x, name: x}`, ["MISSING_FIELD resources[1]"]],
    [`${API}\n  - x`, ["WRONG_TYPE resources[1]"]],
    [
      `${API}\n${CACHE}\n  - {id: d, type: cloudflare_custom_domain, name: a.b, config: {zone_id: x}}`,
      ["INVALID_ACCOUNT_ID resources[2].config.zone_id"],
    ],
  ])("with resources\n%s\nhas the problems %j", (resources, problems) => {
    expect(codesOf(readText(template(resources)))).toEqual(problems);
  });

  it("must have a project_name that can begin other names", () => {
    expect(codesOf(readText(template(`${API}\n${CACHE}`).replace("shop", "My Shop")))).toEqual([
      "INVALID_NAME project_name",
    ]);
  });
});

describe("an EnvironmentSet", () => {
  it("needs namespaces and environments, of which each may be empty", () => {
    expect(codesOf(readText(environmentSet(MINIMAL)))).toEqual([]);
    expect(codesOf(readText(environmentSet("namespaces: {}\nenvironments: {}")))).toEqual([
      "MISSING_FIELD spec.environments",
    ]);
    expect(codesOf(readText(environmentSet("app: shop")))).toEqual(["MISSING_FIELD spec", "MISSING_FIELD spec"]);
  });

  it.each([
    ["namespaces: {my-cache: }\nenvironments: {dev: }", ["INVALID_BINDING spec.namespaces.my-cache"]],
    [
      "namespaces: {CACHE: {ttl_seconds: 60}}\nenvironments: {dev: }",
      ["UNKNOWN_FIELD spec.namespaces.CACHE.ttl_seconds"],
    ],
    [
      "namespaces: {CACHE: {ttlSeconds: 59}}\nenvironments: {dev: }",
      ["TTL_TOO_SHORT spec.namespaces.CACHE.ttlSeconds"],
    ],
    ["namespaces: {CACHE: false}\nenvironments: {dev: }", ["WRONG_TYPE spec.namespaces.CACHE"]],
    [
      "namespaces: {CACHE: }\nenvironments: {dev: {namespaces: {CACHE: true}}}",
      ["INVALID_VALUE spec.environments.dev.namespaces.CACHE"],
    ],
    [
      "namespaces: {CACHE: }\nenvironments: {dev: {namespaces: {CACHES: {}}}}",
      ["UNKNOWN_NAMESPACE spec.environments.dev.namespaces.CACHES"],
    ],
    ["namespaces: {CACHE: }\nenvironments: {dev: {namespaces: {SESSIONS: {}}}}", []],
    [
      "namespaces: {CACHE: }\nenvironments: {Dev: {developers: [Al]}}",
      ["INVALID_NAME spec.environments.Dev", "INVALID_NAME spec.environments.Dev.developers[0]"],
    ],
    [
      "namespaces: {CACHE: }\nenvironments: {dev: {developers: []}}",
      ["MISSING_FIELD spec.environments.dev.developers"],
    ],
    [`${MINIMAL}naming: x`, ["UNSUPPORTED_FIELD spec.naming"]],
    [
      `${MINIMAL}worker: {code: {entry: a.ts, inline: x}}`,
      ["INVALID_VALUE spec.worker.code", "warning ENTRY_NOT_FOUND spec.worker.code.entry"],
    ],
    [`${MINIMAL}worker: {code: {inline: x, minify: true}}`, ["INVALID_VALUE spec.worker.code.minify"]],
    [`${MINIMAL}worker: {code: [a.ts]}`, ["WRONG_TYPE spec.worker.code"]],
    [
      `${MINIMAL}worker: {vars: {A: "\${TfToken[TOKEN.1]}", B: [{"\${TfToken[TOKEN.1]}": x}]}}`,
      ["INVALID_VALUE spec.worker.vars.A", 'INVALID_VALUE spec.worker.vars.B[0]["${TfToken[TOKEN.1]}"]'],
    ],
    [`${MINIMAL}worker: {vars: {A: .nan}}`, ["WRONG_TYPE spec.worker.vars.A"]],
    [`${MINIMAL}worker: {secrets: {A: b}}`, ["WRONG_TYPE spec.worker.secrets"]],
    [`${MINIMAL}worker: {kv: {A: b}}`, ["UNSUPPORTED_FIELD spec.worker.kv"]],
    [`${MINIMAL}backend: {s3: {}}`, ["MISSING_FIELD spec.backend", "UNKNOWN_FIELD spec.backend.s3"]],
  ])("with\n%s\nhas the problems %j", (spec, problems) => {
    expect(codesOf(readText(environmentSet(spec))).sort()).toEqual([...problems].sort());
  });
});

describe("cdktf's own tokens", () => {
  it("cannot be written into a manifest, where they would stand for somebody else's value", () => {
    const text = namespaceYaml('namespaceName: "${TfToken[TOKEN.0]}"\ndescription: "${TfToken[TOKEN.1]}"');
    expect(codesOf(readText(text))).toEqual(["INVALID_VALUE spec.namespaceName", "INVALID_VALUE spec.description"]);
  });
});
