interface Env {
  readonly CARTS: { get(key: string): Promise<string | null> };
  readonly CURRENCY: string;
  readonly API_KEY: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const total = (await env.CARTS.get(new URL(request.url).pathname)) ?? "0";
    return new Response(`${total} ${env.CURRENCY} ${env.API_KEY}`);
  },
};
