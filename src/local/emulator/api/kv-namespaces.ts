import { codePoints } from "../../../kv/rules.js";
import * as KV_LIMITS from "../../../kv/limits.js";
import type { Emulation, Handler } from "../emulation.js";
import { ok, page } from "./envelope.js";
import { ApiError } from "./errors.js";
import { type ApiRequest, objectBody, param } from "./http.js";
import { hexId, type NamespaceRecord } from "../state.js";
import { boundTo } from "../running-workers.js";

/** Cloudflare's own limit of a title; this package's constructs are stricter. */
const MAX_TITLE_LENGTH = 512;

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/list/ */
export const listNamespaces: Handler = (request, { state }) => {
  const account = param(request, "account");
  const order = request.query.get("order");
  const sign = request.query.get("direction") === "desc" ? -1 : 1;
  const found = state.namespaces.filter((namespace) => namespace.account === account);
  if (order === "title") found.sort((a, b) => sign * compare(a.title, b.title));
  else if (order === "id") found.sort((a, b) => sign * compare(a.id, b.id));
  else if (sign < 0) found.reverse();
  return page(found.map(shown), request);
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/create/ */
export const createNamespace: Handler = async (request, { state, save, runtime }) => {
  const account = param(request, "account");
  const title = freeTitle(request, state.namespaces);
  if (state.namespaces.filter((namespace) => namespace.account === account).length >= KV_LIMITS.maxNamespaces) {
    throw new ApiError("NAMESPACES_TOO_MANY");
  }
  const spare = state.spareNamespaceIds.shift();
  if (spare === undefined) runtime.outdate();
  const namespace = { account, id: spare ?? hexId(), title };
  state.namespaces.push(namespace);
  await save();
  return ok(shown(namespace));
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/get/ */
export const getNamespace: Handler = (request, emulation) => ok(shown(namespaceOf(request, emulation)));

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/update/ */
export const renameNamespace: Handler = async (request, emulation) => {
  const namespace = namespaceOf(request, emulation);
  const others = emulation.state.namespaces.filter((other) => other !== namespace);
  namespace.title = freeTitle(request, others);
  await emulation.save();
  return ok(shown(namespace));
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/delete/ */
export const deleteNamespace: Handler = async (request, emulation) => {
  const { state, save, runtime } = emulation;
  const { id } = namespaceOf(request, emulation);
  const scripts = boundTo(state, id);
  if (scripts.length > 0) {
    throw new ApiError("NAMESPACE_IN_USE", `namespace has associated scripts: ${scripts.join(", ")}`);
  }
  state.namespaces = state.namespaces.filter((other) => other.id !== id);
  state.discardedNamespaceIds.push(id);
  runtime.outdate();
  await save();
  return ok({});
};

/** The namespace a path names. */
export function namespaceOf(request: ApiRequest, { state }: Emulation): NamespaceRecord {
  const account = param(request, "account");
  const id = param(request, "namespace");
  const found = state.namespaces.find((namespace) => namespace.account === account && namespace.id === id);
  if (found === undefined) throw new ApiError("NAMESPACE_NOT_FOUND");
  return found;
}

function freeTitle(request: ApiRequest, taken: readonly NamespaceRecord[]): string {
  const account = param(request, "account");
  const { title } = objectBody(request);
  if (typeof title !== "string" || title.trim() === "" || codePoints(title) > MAX_TITLE_LENGTH) {
    throw new ApiError("NAMESPACE_TITLE_INVALID");
  }
  if (taken.some((other) => other.account === account && other.title === title)) {
    throw new ApiError("NAMESPACE_EXISTS");
  }
  return title;
}

function shown({ id, title }: NamespaceRecord): object {
  return { id, title, supports_url_encoding: true };
}

/** By UTF-16 units: the same everywhere, unlike a locale's order. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
