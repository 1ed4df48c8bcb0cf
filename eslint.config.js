import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

/** What no file may import: the provider's root loads every resource of Cloudflare, 90 MB of it. */
const providerRoot = {
  name: "@cdktf/provider-cloudflare",
  message: "Import the resource from @cdktf/provider-cloudflare/lib/<resource>/index.js.",
};

export default tseslint.config(
  {
    ignores: [
      "dist",
      "api",
      "cdktf.out",
      "**/cdktf.out",
      "node_modules",
      "test/fixtures",
      "test/package/apps",
      // Pieces of projects: their own tests compile what they make together.
      "templates",
      "coverage",
      ".cfkv",
    ],
  },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./tsconfig.worker.json", "./tsconfig.browser.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      // `import { type X }` alone stays an import of the module at run time.
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      // A namespace of static factories (WorkerCode, Rollout) is the grammar of the CDK.
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-console": "error",
      "no-restricted-imports": ["error", { paths: [providerRoot] }],
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  { files: ["bench/**", "main.ts"], rules: { "no-console": "off" } },
  {
    // Defining a construct is its effect: `new KvNamespace(this, …)` stands alone.
    files: ["test/**", "examples/**", "stacks/**", "main.ts", "bench/**"],
    rules: { "no-new": "off" },
  },
  {
    // What was not tested is not green.
    files: ["test/**"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["it", "test", "describe"].flatMap((object) =>
          ["skip", "only", "todo"].map((property) => ({ object, property, message: "Every test runs." })),
        ),
      ],
    },
  },
  {
    files: ["**/*.js", "**/*.mjs", "**/*.cjs"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: "readonly", console: "readonly", Response: "readonly", URL: "readonly" } },
  },
);
