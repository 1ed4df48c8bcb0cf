import { KvStore } from "cdktf-cloudflare-kv/runtime";

interface Env {
  CARTS: KVNamespace;
  TEXTS: KVNamespace;
  ORDERS: D1Database;
  SHOP: { name: string; currency: string };
  PAYMENT_KEY: string;
}

interface Cart {
  items: string[];
}

export default {
  async fetch(request, env) {
    const user = new URL(request.url).pathname.slice(1);
    if (user === "") {
      const welcome = (await env.TEXTS.get("welcome")) ?? `Welcome to ${env.SHOP.name}`;
      return Response.json({ welcome, currency: env.SHOP.currency });
    }
    const carts = KvStore.fromEnv<Cart>(env, "CARTS", { prefix: "cart" });
    if (request.method === "PUT") {
      await carts.set(user, await request.json<Cart>());
      return new Response(null, { status: 204 });
    }
    return Response.json((await carts.get(user)) ?? { items: [] });
  },
} satisfies ExportedHandler<Env>;
