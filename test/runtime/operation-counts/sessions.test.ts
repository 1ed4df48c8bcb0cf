import {
  type Case,
  countOperations,
  type Given,
  ONE_DELETE,
  ONE_READ,
  ONE_WRITE,
  READ_WRITE,
} from "../support/operation-counts.js";

const token = "x".repeat(32);
const session = async ({ sessions }: Given) => (await sessions.create({ a: 1 })).token;
/** Remembers the token of a session made before the call. */
const withSession = (call: (on: Given, token: string) => unknown): Pick<Case, "before" | "call"> => {
  let made = "";
  return { before: async (on) => (made = await session(on)), call: (on) => call(on, made) };
};

describe("the KV operations of a session", () => {
  countOperations({
    "SessionStore.create": { call: ({ sessions }) => sessions.create({ a: 1 }), costs: ONE_WRITE },
    "SessionStore.get": { ...withSession(({ sessions }, made) => sessions.get(made)), costs: ONE_READ },
    "SessionStore.get of garbage": { call: ({ sessions }) => sessions.get("../x"), costs: {} },
    "SessionStore.get and touch, soon": {
      ...withSession(async ({ sessions }, made) => {
        const found = await sessions.get(made);
        if (found !== null) sessions.touch(found, made);
      }),
      costs: ONE_READ,
    },
    "SessionStore.get and touch, after half of its life": {
      ...withSession(async ({ sessions, clock }, made) => {
        clock.advance(43_200);
        const found = await sessions.get(made);
        if (found !== null) sessions.touch(found, made);
      }),
      costs: { reads: 2, writes: 1, subrequests: 3 },
    },
    "SessionStore.refresh, soon": { ...withSession(({ sessions }, made) => sessions.refresh(made)), costs: ONE_READ },
    "SessionStore.refresh, forced": {
      ...withSession(({ sessions }, made) => sessions.refresh(made, { force: true })),
      costs: READ_WRITE,
    },
    "SessionStore.update": {
      ...withSession(({ sessions }, made) => sessions.update(made, { a: 2 })),
      costs: READ_WRITE,
    },
    "SessionStore.rotate": {
      ...withSession(({ sessions }, made) => sessions.rotate(made)),
      costs: { reads: 1, writes: 1, deletes: 1, subrequests: 3 },
    },
    "SessionStore.destroy": { call: ({ sessions }) => sessions.destroy(token), costs: ONE_DELETE },

    "SessionStore.getById": { call: ({ sessions }) => sessions.getById(token), costs: ONE_READ },
    "SessionStore.destroyById": { call: ({ sessions }) => sessions.destroyById(token), costs: ONE_DELETE },
    "SessionStore.get without a token": { call: ({ sessions }) => sessions.get(null), costs: {} },
    "SessionStore.get of an unknown token": { call: ({ sessions }) => sessions.get(token), costs: ONE_READ },
    "SessionStore.refresh of an unknown token": { call: ({ sessions }) => sessions.refresh(token), costs: ONE_READ },
    "SessionStore.update of an unknown token": { call: ({ sessions }) => sessions.update(token, {}), costs: ONE_READ },
    "SessionStore.rotate of an unknown token": { call: ({ sessions }) => sessions.rotate(token), costs: ONE_READ },
    "SessionStore.refresh, after half of its life": {
      ...withSession(({ sessions, clock }, made) => (clock.advance(43_200), sessions.refresh(made))),
      costs: READ_WRITE,
    },
  });
});
