/** Carries out one attempt, to the end of the answer; whatever its status. Rejects with the signal's reason once it is aborted. */
export type Transport = (url: string, request: TransportRequest) => Promise<TransportAnswer>;

/** What is sent: bytes may come in pieces, so that nobody has to put them together. */
export type Body = string | Blob | FormData | readonly Uint8Array[];

/** An attempt. */
export interface TransportRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: Body;
  readonly signal: AbortSignal;
}

/** An answer, read to its end: a connection that drops in the middle of it is a failure to retry like any other. */
export interface TransportAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** `fetch`. */
export const fetchTransport: Transport = async (url, { body, ...request }) => {
  const sent = body === undefined ? {} : { body: isPieces(body) ? new Blob([...body]) : body };
  const response = await fetch(url, { ...request, ...sent, redirect: "error" });
  const { status, headers } = response;
  return { status, headers, body: new Uint8Array(await response.arrayBuffer()) };
};

function isPieces(body: Body): body is readonly Uint8Array[] {
  return Array.isArray(body);
}
