/** Every check of a stack, and what it means; docs/errors.md is generated from it. */
export const CHECK_CODES = {
  KV_BOUND_TWICE: "one Worker binds the same namespace under two names",
  KV_COUNTER: "a name suggests a counter, and KV loses concurrent increments",
  KV_NAME_ENVIRONMENT: "a namespace's name reads like one of another environment",
  KV_NO_DESCRIPTION: "a namespace of a protected environment has no description",
  KV_NO_TTL: "a cache or a session namespace has no `ttlSeconds`",
  KV_OTHER_ENVIRONMENT: "a Worker binds a namespace of another environment of its app",
  KV_SECRET_ENTRY: "an entry looks like a secret, which the assembly and the state show",
  KV_TOO_MANY: "an account would hold more than 1,000 namespaces",
  KV_UNBOUND: "a namespace is not bound to any Worker, though its stack has some",
  LOCK_OUTDATED: "cfkv.lock.json should change and is not written here: in CI, or where the folder cannot be written",
  PROVIDER_TOO_NEW: "the stack lets in a provider that fails with what a Worker uses: `placement` from 5.17 on",
  PROVIDER_TOO_OLD:
    "the stack lets in a provider that cannot do what it uses: before 5.16 keys such as `a/b` break, before 5.18 a var that is not a string arrives as one, before 5.19 there are no `rateLimits`",
  STACK_GONE: "a stack with protected names is no longer in the app, and Cloudflare still has them",
  VAR_LOOKS_SECRET: "a var's name or value reads like a secret, which the assembly and the state show",
  WORKER_CONTENT_IGNORED:
    "a script ignores changes of its own code, to leave it to wrangler: the next other change uploads old code, or fails",
  WORKER_OLD_DATE: "a compatibility date is unset or before 2024-10-14",
  WORKER_UNREACHABLE:
    "nothing can call the Worker: no route, domain, workers.dev address or schedule leads to it, and no Worker of the app binds it",
} as const;

/** The stable name of a check. */
export type CheckCode = keyof typeof CHECK_CODES;
