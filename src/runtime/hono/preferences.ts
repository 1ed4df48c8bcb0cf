import { type Context, Hono } from "hono";
import { answerError, forRequest, jsonBody, type PerRequest } from "./answers.js";
import type { Preferences } from "../preferences.js";

/** Whose preferences {@link preferenceRoutes} serve. */
export interface PreferenceRouteOptions {
  /** The authenticated user's id, or the answer to a caller who is not logged in. */
  user: (c: Context) => string | Response | Promise<string | Response>;
}

/** `GET /`, `PATCH /` and `DELETE /` of the caller's own preferences. */
export function preferenceRoutes<P extends object>(
  preferences: PerRequest<Preferences<P>>,
  { user }: PreferenceRouteOptions,
): Hono {
  const app = new Hono();
  app.onError(answerError);
  app.get("/", async (c) => {
    const id = await user(c);
    return id instanceof Response ? id : c.json(await forRequest(preferences, c).get(id));
  });
  app.patch("/", async (c) => {
    const id = await user(c);
    if (id instanceof Response) return id;
    const body = await jsonBody(c);
    if (body instanceof Response) return body;
    return c.json(await forRequest(preferences, c).update(id, body as Partial<P>));
  });
  app.delete("/", async (c) => {
    const id = await user(c);
    return id instanceof Response ? id : c.json(await forRequest(preferences, c).reset(id));
  });
  return app;
}
