import { countOperations, ONE_DELETE, ONE_READ, ONE_WRITE, range, READ_WRITE } from "../support/operation-counts.js";

describe("the KV operations of configuration and preferences", () => {
  countOperations({
    "ConfigStore.get": { call: ({ config }) => config.get(), costs: ONE_READ },
    "ConfigStore.get, remembered": {
      before: ({ config }) => config.get(),
      call: ({ config }) => config.get(),
      costs: {},
    },
    "ConfigStore.set": { call: ({ config }) => config.set({ a: 2 }), costs: ONE_WRITE },
    "ConfigStore.patch": { call: ({ config }) => config.patch({ a: 2 }), costs: READ_WRITE },
    "ConfigStore.reset": { call: ({ config }) => config.reset(), costs: ONE_DELETE },
    "Preferences.get": { call: ({ prefs }) => prefs.get("ada"), costs: ONE_READ },
    "Preferences.getMany of 100": {
      call: ({ prefs }) => prefs.getMany(range(100)),
      costs: { reads: 100, subrequests: 1 },
    },
    "Preferences.update": { call: ({ prefs }) => prefs.update("ada", { a: 2 }), costs: READ_WRITE },
    "Preferences.update that changes nothing": {
      before: ({ prefs }) => prefs.update("ada", { a: 2 }),
      call: ({ prefs }) => prefs.update("ada", { a: 2 }),
      costs: ONE_READ,
    },
    "Preferences.reset": { call: ({ prefs }) => prefs.reset("ada"), costs: ONE_DELETE },

    "ConfigStore.get, after its memory ends": {
      before: async ({ config, clock }) => {
        await config.get();
        clock.advance(30);
      },
      call: ({ config }) => config.get(),
      costs: ONE_READ,
    },
    "ConfigStore.get of what was just set": {
      before: ({ config }) => config.set({ a: 2 }),
      call: ({ config }) => config.get(),
      costs: {},
    },
    "Preferences.getMany of 150": {
      call: ({ prefs }) => prefs.getMany(range(150)),
      costs: { reads: 150, subrequests: 2 },
    },
    "Preferences.update by a function": {
      call: ({ prefs }) => prefs.update("ada", ({ a }) => ({ a: a + 1 })),
      costs: READ_WRITE,
    },
    "Preferences.reset of a name": {
      before: ({ prefs }) => prefs.update("ada", { a: 2, b: 3 }),
      call: ({ prefs }) => prefs.reset("ada", "a"),
      costs: READ_WRITE,
    },
  });
});
