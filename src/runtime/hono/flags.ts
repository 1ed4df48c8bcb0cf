import { type Context, Hono } from "hono";
import type { FeatureFlags } from "../flags/feature-flags.js";
import type { Flag } from "../flags/flag.js";
import { answerError, type Authorize, denied, forRequest, jsonBody, type PerRequest } from "./answers.js";

/** How {@link featureRoutes} work. */
export interface FeatureRouteOptions {
  /** Who may list, set and delete flags. */
  authorize: Authorize;
  /** The user to evaluate flags for. @default - the query's `userId` */
  user?: (c: Context) => string | undefined;
  /** What everyone else gets from `GET /`: names and whether they are enabled, or 403. @default "none" */
  public?: "names" | "none";
}

/** `GET /` lists, `GET /:name` evaluates for a user, `PUT` and `DELETE /:name` change. */
export function featureRoutes(flags: PerRequest<FeatureFlags>, options: FeatureRouteOptions): Hono {
  const { authorize, user = (c: Context) => c.req.query("userId"), public: shown = "none" } = options;
  const app = new Hono();
  app.onError(answerError);

  app.get("/", async (c) => {
    const no = await denied(c, authorize);
    if (no !== undefined && shown === "none") return no;
    const list = await forRequest(flags, c).list();
    // The definitions name users.
    return c.json(no === undefined ? list : list.map(({ name, flag }) => ({ name, enabled: flag.enabled })));
  });
  app.get("/:name", async (c) => {
    const name = c.req.param("name");
    return c.json({ name, enabled: await forRequest(flags, c).isEnabled(name, user(c)) });
  });
  app.put("/:name", async (c) => {
    const no = await denied(c, authorize);
    if (no !== undefined) return no;
    const body = await jsonBody(c);
    if (body instanceof Response) return body;
    const name = c.req.param("name");
    return c.json({ ...(await forRequest(flags, c).set(name, body as unknown as Flag)), name });
  });
  app.delete("/:name", async (c) => {
    const no = await denied(c, authorize);
    if (no !== undefined) return no;
    await forRequest(flags, c).delete(c.req.param("name"));
    return c.body(null, 204);
  });
  return app;
}
