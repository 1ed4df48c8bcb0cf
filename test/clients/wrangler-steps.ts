import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A wrangler to run, and the emulator it talks to. */
export interface WranglerPlace {
  readonly node: string;
  readonly bin: string;
  readonly folder: string;
  readonly baseUrl: string;
  readonly account: string;
}

export interface WranglerResult {
  readonly code: number;
  readonly output: string;
}

/** Runs wrangler without a terminal. `input` goes to its standard input. */
export async function wrangler(place: WranglerPlace, args: readonly string[], input = ""): Promise<WranglerResult> {
  const env = {
    PATH: process.env.PATH,
    HOME: place.folder,
    CI: "1",
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_API_BASE_URL: place.baseUrl,
    CLOUDFLARE_API_TOKEN: "x".repeat(40),
    CLOUDFLARE_ACCOUNT_ID: place.account,
  };
  return new Promise((resolve) => {
    const child = execFile(place.node, [place.bin, ...args], { cwd: place.folder, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
    child.stdin?.end(input);
  });
}

/** A project with a binding of each kind, in the folder. */
export function writeProject(folder: string, ids: { readonly namespace: string; readonly database: string }): void {
  mkdirSync(join(folder, "src"), { recursive: true });
  mkdirSync(join(folder, "migrations"), { recursive: true });
  writeFileSync(join(folder, "src", "greet.ts"), "export const greet = (...words: string[]) => words.join(' ');\n");
  writeFileSync(join(folder, "src", "index.ts"), SOURCE);
  writeFileSync(join(folder, "migrations", "0001_users.sql"), FIRST_MIGRATION);
  writeFileSync(join(folder, "migrations", "0002_upper.sql"), SECOND_MIGRATION);
  writeFileSync(join(folder, "more.sql"), "insert into users (name) values ('file');\n");
  writeFileSync(join(folder, "bulk.json"), JSON.stringify([{ key: "one", value: "1" }]));
  writeFileSync(join(folder, "secrets.json"), JSON.stringify({ A: "1", B: "2" }));
  const config = {
    name: "lab",
    main: "src/index.ts",
    compatibility_date: "2026-04-01",
    upload_source_maps: true,
    workers_dev: true,
    vars: { WORD: "hello" },
    kv_namespaces: [{ binding: "KV", id: ids.namespace }],
    d1_databases: [{ binding: "DB", database_name: "lab", database_id: ids.database }],
    durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    triggers: { crons: ["*/5 * * * *"] },
    routes: [
      { pattern: "lab.example.com", custom_domain: true },
      { pattern: "example.com/lab/*", zone_name: "example.com" },
    ],
    observability: { enabled: true },
  };
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(config));
}

const SOURCE = `import { greet } from "./greet";
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/users") return Response.json((await env.DB.prepare("select name from users").all()).results);
    if (pathname === "/room") return env.ROOM.get(env.ROOM.idFromName("a")).fetch(request);
    return new Response(greet(env.WORD, env.SECRET ?? "-", env.B ?? "-"));
  },
};
export class Room {
  constructor(ctx) { this.ctx = ctx; }
  async fetch() {
    const n = ((await this.ctx.storage.get("n")) ?? 0) + 1;
    await this.ctx.storage.put("n", n);
    return new Response("room " + n);
  }
}
`;

const FIRST_MIGRATION = `create table users (id integer primary key, name text);
insert into users (name) values ('a;b');
`;

const SECOND_MIGRATION = `-- A body with statements of its own; it ends with "end".
create trigger upper_name after insert on users begin
  update users set name = upper(name) where id = new.id;
end;
insert into users (name) values ('x');
`;

/** One command of the round, in its order. */
export interface WranglerStep {
  /** As typed; `<namespace>` and `<version>` stand for ids. */
  readonly command: string;
  readonly input?: string;
  /** What it prints, where that matters. */
  readonly prints?: RegExp;
  /** It must fail, because Cloudflare refuses it. */
  readonly refused?: true;
  /** What a Worker answers afterwards, by path. */
  readonly answers?: readonly [path: string, text: string];
}

/** What wrangler is run with, in this order. */
export const WRANGLER_STEPS: readonly WranglerStep[] = [
  { command: "whoami" },
  { command: "types" },
  { command: "deploy", prints: /Current Version ID: [0-9a-f-]{36}/, answers: ["/room", "room 1"] },
  { command: "deploy", prints: /Current Version ID: [0-9a-f-]{36}/, answers: ["/room", "room 2"] },
  { command: "triggers deploy", prints: /lab\.example\.com/ },
  { command: "secret put SECRET", input: "sesame", answers: ["/", "hello sesame -"] },
  { command: "secret bulk secrets.json", answers: ["/", "hello sesame 2"] },
  { command: "secret delete A" },
  { command: "secret list", prints: /"SECRET"[\s\S]*"B"/ },
  { command: "versions secret put SECRET", input: "open" },
  { command: "secret put SECRET", input: "again", refused: true, prints: /latest version of your Worker isn't/ },
  { command: "deploy", answers: ["/", "hello open 2"] },
  { command: "versions upload --message second --tag t2", prints: /Version ID: [0-9a-f-]{36}/ },
  { command: "versions list", prints: /second/ },
  { command: "versions view <version>", prints: /KV/ },
  { command: "versions deploy <version>@100 -y", answers: ["/", "hello open 2"] },
  { command: "deployments list", prints: /<version>/ },
  { command: "deployments status", prints: /<version>/ },
  { command: "rollback -y --message back", prints: /100%/ },
  { command: "d1 migrations list lab --remote", prints: /0001_users\.sql/ },
  { command: "d1 migrations apply lab --remote", answers: ["/users", '[{"name":"a;b"},{"name":"X"}]'] },
  { command: 'd1 execute lab --remote -y --command "select 1 as a; select 2 as b"', prints: /"b": 2/ },
  {
    command: "d1 execute lab --remote -y --file more.sql",
    answers: ["/users", '[{"name":"a;b"},{"name":"X"},{"name":"FILE"}]'],
  },
  { command: "d1 info lab", prints: /lab/ },
  { command: 'kv key put a 1 --metadata {"m":1} --ttl 120 --namespace-id <namespace> --remote' },
  { command: "kv key get a --namespace-id <namespace> --remote", prints: /1/ },
  { command: "kv bulk put bulk.json --namespace-id <namespace> --remote" },
  { command: "kv key list --namespace-id <namespace> --remote", prints: /"one"/ },
  { command: "kv key delete a --namespace-id <namespace> --remote" },
  { command: "tail lab", refused: true, prints: /no live logs/ },
  { command: "delete", prints: /Successfully deleted/ },
  { command: "d1 delete lab -y" },
];
