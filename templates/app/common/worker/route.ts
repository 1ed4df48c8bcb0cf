/** What a Worker gets besides the request and its bindings. */
export interface Context {
  waitUntil(work: Promise<unknown>): void;
}

/** Answers a request, or leaves it to the next route. */
export type Route<Env> = (request: Request, env: Env, context: Context) => Promise<Response | undefined>;

/** All bindings that some routes need, together. */
export type EnvOf<Routes extends readonly unknown[]> = {
  [At in keyof Routes]: Routes[At] extends Route<infer Env> ? (env: Env) => void : never;
}[number] extends (env: infer All) => void
  ? All & object
  : never;
