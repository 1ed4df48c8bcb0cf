interface Env {
  TEXTS: KVNamespace;
}

export default {
  async fetch(request, env) {
    const language = new URL(request.url).searchParams.get("language") ?? "en";
    const texts = await env.TEXTS.get([`greeting:${language}`, "greeting"]);
    return new Response(texts.get(`greeting:${language}`) ?? texts.get("greeting") ?? "Hello from v2\n");
  },
} satisfies ExportedHandler<Env>;
