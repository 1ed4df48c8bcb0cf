import { countOperations, ONE_DELETE, ONE_READ, ONE_WRITE, range, READ_WRITE } from "../support/operation-counts.js";

describe("the KV operations of a flag", () => {
  countOperations({
    "FeatureFlags.evaluate": { call: ({ flags }) => flags.evaluate("f"), costs: ONE_READ },
    "FeatureFlags.evaluate, remembered": {
      before: ({ flags }) => flags.evaluate("f"),
      call: ({ flags }) => flags.evaluate("f"),
      costs: {},
    },
    "FeatureFlags.evaluateAll of 150": {
      call: ({ flags }) => flags.evaluateAll(range(150)),
      costs: { reads: 150, subrequests: 2 },
    },
    "FeatureFlags.set": { call: ({ flags }) => flags.set("f", { enabled: true }), costs: ONE_WRITE },
    "FeatureFlags.patch": { call: ({ flags }) => flags.patch("f", { enabled: true }), costs: READ_WRITE },
    "FeatureFlags.delete": { call: ({ flags }) => flags.delete("f"), costs: ONE_DELETE },
    "FeatureFlags.list of 50": {
      before: async ({ flags }) => {
        for (const name of range(50)) await flags.set(name, { enabled: true });
      },
      call: ({ flags }) => flags.list(),
      costs: { lists: 1, subrequests: 1 },
    },

    "FeatureFlags.isEnabled": { call: ({ flags }) => flags.isEnabled("f", "ada"), costs: ONE_READ },
    "FeatureFlags.evaluateVariant": { call: ({ flags }) => flags.evaluateVariant("f", "a"), costs: ONE_READ },
    "FeatureFlags.evaluate, after its memory ends": {
      before: async ({ flags, clock }) => {
        await flags.evaluate("f");
        clock.advance(30);
      },
      call: ({ flags }) => flags.evaluate("f"),
      costs: ONE_READ,
    },
    "FeatureFlags.evaluate of what was just set": {
      before: ({ flags }) => flags.set("f", { enabled: true }),
      call: ({ flags }) => flags.evaluate("f"),
      costs: {},
    },
    "FeatureFlags.get": { call: ({ flags }) => flags.get("f"), costs: ONE_READ },
    "FeatureFlags.set of what makes no sense": {
      call: ({ flags }) => flags.set("f", { enabled: true, percentage: 101 }).catch(() => undefined),
      costs: {},
    },
    "FeatureFlags.list of 1001": {
      before: async ({ flags }) => {
        for (const name of range(1001)) await flags.set(name, { enabled: true });
      },
      call: ({ flags }) => flags.list(),
      costs: { lists: 2, subrequests: 2 },
    },
    "FeatureFlags.list of 5, 3 of them too large for metadata": {
      before: async ({ flags }) => {
        const allowlist = range(300);
        for (const name of range(5))
          await flags.set(name, name < "k3" ? { enabled: true, allowlist } : { enabled: true });
      },
      call: ({ flags }) => flags.list(),
      costs: { lists: 1, reads: 3, subrequests: 2 },
    },
  });
});
