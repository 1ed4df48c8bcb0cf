import { Hono } from "hono";
import type { EnvOf, Route } from "./route.js";
import { routes } from "./routes.js";

type Env = EnvOf<typeof routes>;

const app = new Hono<{ Bindings: Env }>();
const all: readonly Route<Env>[] = routes;

for (const route of all) {
  app.use(async (c, next) => (await route(c.req.raw, c.env, c.executionCtx)) ?? next());
}
app.get("/", (c) => c.text("my-app is running\n"));
app.notFound((c) => c.json({ error: "no such route" }, 404));

export default app;
