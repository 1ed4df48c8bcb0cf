import { readdirSync, readFileSync } from "node:fs";
import { Hono } from "hono";
import { KV_ERROR_CODES } from "../../src/runtime/error-codes.js";
import { answerError } from "../../src/runtime/hono.js";
import { KvError, type KvErrorCode } from "../../src/runtime/index.js";

const page = readFileSync("docs/runtime.md", "utf8");
const rows = [
  ...(/\| code of an answer \|.*\n\|.*\n((?:\|.*\n)+)/.exec(page)?.[1]?.matchAll(/^\| (.*?) \| (.*?) \|/gm) ?? []),
];
/** Each code of the table with its status; `INVALID_…` stands for all that begin so. */
const documented = new Map(
  rows.flatMap(([, codes = "", statuses = ""]) => {
    const each = statuses.split(", ");
    return [...codes.matchAll(/`(.+?)`/g)].map(([, code = ""], at): [string, number] => [
      code,
      Number(each[at] ?? each[0]),
    ]);
  }),
);
const statusOf = (code: string) => documented.get(code) ?? documented.get(code.replace(/_.*/, "_…"));

/** What the routes and middleware answer by themselves. */
const source = readdirSync("src/runtime/hono")
  .map((name) => readFileSync(`src/runtime/hono/${name}`, "utf8"))
  .join("\n");
const refusals = [...source.matchAll(/refuse\(c, (\d{3}), "(\w+)"/g)].map(
  ([, status, code = ""]) => [code, Number(status)] as const,
);
/** What errors of the library become. Those of the Worker's own are thrown again. */
const CODES = Object.keys(KV_ERROR_CODES) as KvErrorCode[];

async function answerTo(code: KvErrorCode): Promise<[string, number] | undefined> {
  const app = new Hono().get("/", () => {
    throw new KvError(code, "get", "no");
  });
  app.onError((error, c) => {
    try {
      return answerError(error, c);
    } catch {
      return c.body(null, 500);
    }
  });
  const response = await app.request("/");
  if (response.status === 500) return undefined;
  return [((await response.json()) as { code: string }).code, response.status];
}

describe("the table of answers in docs/runtime.md", () => {
  it.each(refusals)("has %s with status %i", (code, status) => {
    expect(statusOf(code)).toBe(status);
  });

  it.each(CODES)("has what %s of the library becomes", async (code) => {
    const answer = await answerTo(code);
    const isOurs = ["BINDING_MISSING", "INVALID_OPTION", "INVALID_TTL"].includes(code);
    expect(answer === undefined).toBe(isOurs);
    expect(answer && [answer[0], statusOf(answer[0])]).toEqual(answer);
  });

  it("has nothing that no route answers", async () => {
    const answers = await Promise.all(CODES.map(answerTo));
    const all = [...refusals.map(([code]) => code), ...answers.flatMap((answer) => answer?.[0] ?? [])];
    const never = [...documented.keys()].filter(
      (code) => !all.some((answer) => answer === code || answer.replace(/_.*/, "_…") === code),
    );
    expect([never, CODES.length > 5, refusals.length > 5]).toEqual([[], true, true]);
  });
});
