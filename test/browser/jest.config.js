import base from "../../jest.config.js";

/** Pages in a real browser: Chromium, or Chrome. Without one they fail; `CHROMIUM` says where it is, if not where it usually is. */
export default {
  ...base,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/browser/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
};
