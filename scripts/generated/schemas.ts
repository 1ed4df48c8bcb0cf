import { createGenerator } from "ts-json-schema-generator";

/** What commands print with `--json`: the file of each schema, and the type that it is made of. */
const PRINTED: Readonly<Record<string, readonly [file: string, type: string, title: string]>> = {
  estimate: ["src/report/estimate/estimate.ts", "Estimate", "cfkv estimate --json"],
  check: ["src/cli/report/check.ts", "CheckReport", "cfkv check --json"],
  doctor: ["src/cli/report/doctor-item.ts", "DoctorReport", "cfkv doctor --json"],
  usage: ["src/cli/report/usage.ts", "UsageReport", "cfkv usage --json"],
  report: ["src/report/build/model.ts", "Report", "cfkv report --format json"],
};

/** The JSON schemas of what commands print, from the types behind it. */
export function printedSchemas(): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(PRINTED).map(([name, [path, type, title]]) => {
      const generator = createGenerator({
        path,
        type,
        tsconfig: "tsconfig.json",
        skipTypeCheck: true,
        topRef: false,
        additionalProperties: false,
        expose: "all",
      });
      const { $schema, ...schema } = generator.createSchema(type);
      return [`schema/${name}.json`, { $schema, title, ...schema }] as const;
    }),
  );
}
