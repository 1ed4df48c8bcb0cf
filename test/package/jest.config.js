import base from "../../jest.config.js";

/** The package as people install it: built, packed, and used by apps in folders of their own. */
export default {
  ...base,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/package/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/package/apps/"],
  // The repository's own name means what is built here.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  globalSetup: "<rootDir>/test/package/pack.ts",
  testTimeout: 240_000,
};
