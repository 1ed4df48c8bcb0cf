import { betterAuth } from "better-auth";
import { secondaryStorage } from "cdktf-cloudflare-kv/runtime/better-auth";

interface Env {
  AUTH: KVNamespace;
  DB: D1Database;
  AUTH_SECRET: string;
}

const authOf = (env: Env, baseURL: string) =>
  betterAuth({
    baseURL,
    secret: env.AUTH_SECRET,
    database: env.DB,
    secondaryStorage: secondaryStorage(env.AUTH),
    emailAndPassword: { enabled: true },
    // KV has no transactions: what must be used only once belongs in the database.
    verification: { storeInDatabase: true },
    rateLimit: { enabled: true, storage: "secondary-storage" },
    advanced: { ipAddress: { ipAddressHeaders: ["cf-connecting-ip"] } },
  });

/** `/api/auth/*` signs up, in and out; `GET /` says who is logged in. */
export default {
  async fetch(request, env) {
    const { origin, pathname } = new URL(request.url);
    const auth = authOf(env, origin);
    if (pathname.startsWith("/api/auth/")) return auth.handler(request);
    const session = await auth.api.getSession({ headers: request.headers });
    if (session === null) return new Response("nobody is logged in\n", { status: 401 });
    return Response.json({ email: session.user.email });
  },
} satisfies ExportedHandler<Env>;
