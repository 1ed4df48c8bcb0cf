import { Clients } from "../../../src/cli/data/clients.js";
import { channel } from "../../../src/cli/terminal/channel.js";
import type { CommandContext } from "../../../src/cli/command.js";

const env = { CLOUDFLARE_API_TOKEN: "one", CLOUDFLARE_TO_API_TOKEN: "two", CLOUDFLARE_ACCOUNT_ID: "a".repeat(32) };
const nowhere = channel({ write: () => true }, env);
const context: CommandContext = {
  results: nowhere,
  notes: nowhere,
  input: () => process.stdin,
  cwd: ".",
  env,
  finishWith: () => undefined,
  interrupted: () => new Promise(() => undefined),
};

describe("the clients of a command", () => {
  it("are one for each account and token, so that its budget of requests is spent once", () => {
    const clients = new Clients(context);

    const first = clients.open();

    expect(clients.open("a".repeat(32))).toBe(first);
    expect(clients.open("b".repeat(32))).not.toBe(first);
    expect(clients.open("a".repeat(32), "CLOUDFLARE_TO_API_TOKEN")).not.toBe(first);
  });
});
