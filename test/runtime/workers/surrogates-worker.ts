import { type Answers, surrogateAnswers, type TextKv } from "../support/surrogates.js";

/** Runs the cases where they are told apart: on the way from Node.js a lone surrogate is replaced. */
export default {
  async fetch(_request: Request, env: { KV: TextKv }): Promise<Response> {
    return Response.json((await surrogateAnswers(env.KV)) satisfies Answers);
  },
};
