// Sources are ES modules; swc hands jest CommonJS. Imports by the package's own name go to the sources.
const ESM_ONLY =
  "ky|p-throttle|p-limit|yocto-queue|string-width|get-east-asian-width|strip-ansi|ansi-regex|d3-[a-z-]+|internmap|arktype|arkregex|@ark";

export default {
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
    "/src/.+\\.js$": ["@swc/jest", { jsc: { target: "es2022" }, module: { type: "commonjs" } }],
    // Packages that are ES modules only.
    [`/node_modules/(${ESM_ONLY})/.+\\.m?js$`]: [
      "@swc/jest",
      { jsc: { target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ESM_ONLY})/)`],
  moduleNameMapper: {
    "^(\\.{1,2}/.*)\\.js$": "$1",
    "^cdktf-cloudflare-kv$": "<rootDir>/src/index.ts",
    "^cdktf-cloudflare-kv/local$": "<rootDir>/src/local/index.ts",
    "^cdktf-cloudflare-kv/runtime$": "<rootDir>/src/runtime/index.ts",
    "^cdktf-cloudflare-kv/runtime/(.*)$": "<rootDir>/src/runtime/$1.ts",
  },
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/package/", "<rootDir>/test/browser/"],
  // Apps that tests synthesize leave no cfkv.lock.json in the repository; the lock's own tests turn it on.
  setupFiles: ["<rootDir>/test/support/without-lock.ts"],
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  // A busy machine needs longer than the default of five seconds to start workerd.
  testTimeout: 30_000,
};
