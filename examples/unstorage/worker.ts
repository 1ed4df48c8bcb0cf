import { kvDriver } from "cdktf-cloudflare-kv/runtime/unstorage";
import { createStorage } from "unstorage";

interface Env {
  STORAGE: KVNamespace;
}

/** `PUT /<name>` keeps a note for an hour, `GET /<name>` shows it, `GET /` lists them. */
export default {
  async fetch(request, env) {
    const notes = createStorage<string>({ driver: kvDriver({ binding: env.STORAGE, base: "notes", ttl: 3600 }) });
    const name = new URL(request.url).pathname.slice(1);
    if (request.method === "PUT" && name !== "") {
      await notes.setItem(name, await request.text());
      return new Response(null, { status: 204 });
    }
    if (name === "") return Response.json(await notes.getKeys());
    const note = await notes.getItem(name);
    return note === null ? new Response("no such note\n", { status: 404 }) : new Response(note);
  },
} satisfies ExportedHandler<Env>;
