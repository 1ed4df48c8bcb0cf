export default {
  async fetch(_request, env) {
    return new Response((await env.TEXTS.get("greeting")) ?? "Hello from v1\n");
  },
};
