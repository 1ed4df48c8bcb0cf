import { writeFileSync } from "node:fs";
import { Miniflare } from "miniflare";
import { migrationNames } from "../../src/d1/index.js";
import { migrate } from "../../src/local/index.js";
import { tempDirs } from "../support/temp-dir.js";

jest.setTimeout(30_000);

const dirs = tempDirs();

describe("the order of migrations", () => {
  it("is by number, then by name, as wrangler applies them", () => {
    for (const name of ["10_b.sql", "9_a.sql", "0002_x.sql", "2_a.sql", "notes.md", "1_é.sql"]) {
      writeFileSync(dirs.path(name), "");
    }
    expect(migrationNames(dirs.path())).toEqual(["1_é.sql", "0002_x.sql", "2_a.sql", "9_a.sql", "10_b.sql"]);
  });
});

describe("migrations of a database", () => {
  let miniflare: Miniflare;
  beforeAll(() => {
    miniflare = new Miniflare({
      modules: true,
      script: "export default {}",
      d1Databases: ["ONE", "TWO", "THREE", "FOUR"],
    });
  });
  afterAll(() => miniflare.dispose());

  const write = (name: string, sql: string): void => writeFileSync(dirs.path(name), sql);

  it("are applied once, and only those that are new", async () => {
    const database = await miniflare.getD1Database("ONE");
    write("0001_users.sql", "\uFEFF-- users\nCREATE TABLE users (name TEXT);\nINSERT INTO users VALUES ('a;b');");
    expect(await migrate(database, dirs.path())).toEqual({ applied: ["0001_users.sql"], before: [] });
    write("0002_more.sql", "INSERT INTO users VALUES ('c')");
    expect(await migrate(database, dirs.path())).toEqual({ applied: ["0002_more.sql"], before: ["0001_users.sql"] });
    expect(await migrate(database, dirs.path())).toEqual({ applied: [], before: ["0001_users.sql", "0002_more.sql"] });
    const { results } = await database.prepare("SELECT name FROM users").all();
    expect(results).toEqual([{ name: "a;b" }, { name: "c" }]);
  });

  it.each([
    [1, ["CREATE TABEL x (a)", "SELECT 1", "SELECT 2"]],
    [2, ["CREATE TABLE x (a)", "INSERT INTO y VALUES (1)", "SELECT 2"]],
    [3, ["CREATE TABLE x (a UNIQUE)", "INSERT INTO x VALUES (1)", "INSERT INTO x VALUES (1)"]],
    [1, ["SELECT * FROM nothing_here"]],
  ])("that fail in statement %i of %j leave nothing, and say so", async (at, statements) => {
    const database = await miniflare.getD1Database("TWO");
    write("0001_good.sql", "CREATE TABLE IF NOT EXISTS good (a)");
    write("0002_bad.sql", statements.join(";\n"));
    const failure = migrate(database, dirs.path());
    await expect(failure).rejects.toMatchObject({ code: "MIGRATION_FAILED", migration: "0002_bad.sql", statement: at });
    await expect(failure).rejects.toThrow(`0002_bad.sql, statement ${at}: `);
    await expect(failure).rejects.toThrow(statements[at - 1]);
    const names = "SELECT name FROM d1_migrations UNION SELECT name FROM sqlite_master WHERE name = 'x'";
    expect((await database.prepare(names).all()).results).toEqual([{ name: "0001_good.sql" }]);
  });

  it("may have triggers, and names with quotes", async () => {
    const database = await miniflare.getD1Database("THREE");
    write(
      "0001_o'brien.sql",
      `CREATE TABLE a (n); CREATE TABLE log (n);
       CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.n); UPDATE log SET n = n + 1; END;
       INSERT INTO a VALUES (1);`,
    );
    expect(await migrate(database, dirs.path())).toEqual({ applied: ["0001_o'brien.sql"], before: [] });
    expect(await database.prepare("SELECT n FROM log").first("n")).toBe(2);
  });

  it("may consist of comments", async () => {
    write("0001_nothing.sql", "-- later\n");
    const database = await miniflare.getD1Database("FOUR");
    expect((await migrate(database, dirs.path())).applied).toEqual(["0001_nothing.sql"]);
  });
});
