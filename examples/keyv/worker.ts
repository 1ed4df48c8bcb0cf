import { KvKeyv } from "cdktf-cloudflare-kv/runtime/keyv";
import Keyv from "keyv";

interface Env {
  CACHE: KVNamespace;
}

const HOUR = 3_600_000;

/** `PUT /<currency>` keeps a rate for an hour, `GET /<currency>` shows it, `DELETE /<currency>` forgets it. */
export default {
  async fetch(request, env) {
    const rates = new Keyv<number>({ store: new KvKeyv(env.CACHE), namespace: "rates", throwOnErrors: true });
    const currency = new URL(request.url).pathname.slice(1);
    if (request.method === "PUT") {
      const rate = Number(await request.text());
      if (!(rate > 0)) return new Response("a rate must be above 0\n", { status: 422 });
      await rates.set(currency, rate, HOUR);
      return new Response(null, { status: 204 });
    }
    if (request.method === "DELETE") {
      return new Response(null, { status: (await rates.delete(currency)) ? 204 : 404 });
    }
    const rate = await rates.get(currency);
    return rate === undefined ? new Response("no such rate\n", { status: 404 }) : Response.json({ currency, rate });
  },
} satisfies ExportedHandler<Env>;
