import { KvNamespace } from "../../src/index.js";
import { ACCOUNT } from "./api.js";
import { StepFailed } from "./engines.js";
import type { Scenario } from "./project.js";

const STAYS = { add: 0, change: 0, destroy: 0 };
const CACHE = { CACHE: { purpose: "cache" } };

/** The rows of docs/lifecycle.md about namespaces and environments. */
export const namesOverTime: readonly Scenario[] = [
  {
    name: "a namespace of a protected set is renamed, retired and adopted, another one deleted",
    async run(project) {
      project.set({});
      await project.apply("create", "shop-prod", { add: 2 });
      const id = await project.store("shop-session-prod");

      project.set({ namespaces: { AUTH: { purpose: "session" }, ...CACHE } });
      await project.apply("binding renamed", "shop-prod", STAYS);
      await project.kept(id, "shop-session-prod");

      project.set({ namespaces: { LOGIN: { renamedFrom: "AUTH" }, ...CACHE } });
      await project.apply("renamedFrom", "shop-prod", { add: 0, change: 1, destroy: 0 });
      await project.kept(id, "shop-login-prod");

      project.set({ namespaces: { LOGIN: { purpose: "users", renamedFrom: "LOGIN" }, ...CACHE } });
      await project.apply("purpose changed", "shop-prod", { add: 0, change: 1, destroy: 0 });
      await project.kept(id, "shop-users-prod");

      project.refused("refused when gone", "PROTECTED_GONE", () => project.set({ namespaces: CACHE }));
      project.set({ namespaces: CACHE, retired: ["LOGIN"] });
      await project.apply("retired", "shop-prod", STAYS);
      await project.kept(id, "shop-users-prod");
      project.set({ namespaces: CACHE });
      await project.expectEmptyPlan("line dropped", "shop-prod");

      project.set({ namespaces: { LOGIN: { purpose: "users", adopt: id }, ...CACHE } });
      await project.apply("adopted", "shop-prod", { import: 1, add: 0, destroy: 0 });
      await project.kept(id, "shop-users-prod");

      project.set({ namespaces: { LOGIN: { purpose: "users", adopt: id } }, deleted: ["CACHE"] });
      await project.apply("deleted", "shop-prod", { add: 0, destroy: 1 });
      if ((await project.api.idOf("shop-cache-prod")) !== undefined)
        throw new StepFailed("'shop-cache-prod' is still there");
    },
  },
  {
    name: "a rename is taken back",
    async run(project) {
      project.set({});
      await project.apply("create", "shop-prod", { add: 2 });
      const id = await project.store("shop-session-prod");
      project.set({ namespaces: { AUTH: { purpose: "session" }, ...CACHE } });
      await project.apply("binding renamed", "shop-prod", STAYS);
      project.set({});
      await project.apply("binding taken back", "shop-prod", STAYS);

      project.set({ namespaces: { AUTH: { renamedFrom: "SESSIONS" }, ...CACHE } });
      await project.apply("renamedFrom", "shop-prod", { add: 0, change: 1, destroy: 0 });
      project.refused("refused without a line", "PROTECTED_GONE", () => project.set({}));
      project.set({ namespaces: { SESSIONS: { purpose: "session", renamedFrom: "AUTH" }, ...CACHE } });
      await project.apply("taken back with renamedFrom", "shop-prod", { add: 0, change: 1, destroy: 0 });
      await project.kept(id, "shop-session-prod");
    },
  },
  {
    name: "a namespace is handed to another stack",
    async run(project) {
      const define = (isThere: boolean, adopt?: string): void =>
        project.stacks({
          from: (stack) => {
            new KvNamespace(stack, "Other", { namespaceName: "other", accountId: ACCOUNT });
            if (isThere) new KvNamespace(stack, "Kv", { namespaceName: "kv", accountId: ACCOUNT, entries: [ENTRY] });
            else KvNamespace.leaving(stack, { retired: ["kv"] });
          },
          to: (stack) => {
            const props = { namespaceName: "kv", accountId: ACCOUNT, entries: [ENTRY] };
            if (adopt !== undefined) new KvNamespace(stack, "There", { ...props, adopt });
          },
        });
      define(true);
      await project.apply("create", "from", { add: 3 });
      const id = await project.store("kv");
      define(false);
      await project.apply("retired", "from", STAYS);
      define(false, id);
      await project.apply("adopted", "to", { import: 1, add: 1, destroy: 0 });
      await project.expectEmptyPlan("nothing left to do", "from");
      await project.kept(id, "kv");
    },
  },
  {
    name: "an environment is dropped",
    async run(project) {
      project.set({ environments: { staging: {}, prod: {} } });
      await project.apply("create staging", "shop-staging", { add: 2 });
      await project.apply("create prod", "shop-prod", { add: 2 });
      const staging = await project.store("shop-session-staging");
      const prod = await project.store("shop-session-prod");
      await project.expectRefusedDestroy("protected", "shop-staging");

      project.set({ retired: ["staging"] });
      await project.expectEmptyPlan("retired", "shop-prod");
      await project.kept(staging, "shop-session-staging");
      await project.kept(prod, "shop-session-prod");

      project.set({ environments: { test: {}, prod: {} } });
      await project.apply("create test", "shop-test", { add: 2 });
      project.set({ environments: { test: { protect: false }, prod: {} } });
      await project.apply("protect: false", "shop-test", STAYS);
      await project.destroy("destroyed", "shop-test");
      if ((await project.api.idOf("shop-session-test")) !== undefined)
        throw new StepFailed("'shop-session-test' is still there");
    },
  },
];

const ENTRY = { key: "greeting", value: "hello" };
