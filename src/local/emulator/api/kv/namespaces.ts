import * as KV_LIMITS from "../../../../kv/limits.js";
import { codePoints } from "../../../../kv/rules.js";
import { byText } from "../../../../values/text.js";
import { boundTo } from "../../active-code.js";
import type { Emulation, Handler } from "../../emulation.js";
import { hexId, type NamespaceRecord } from "../../records.js";
import { changed, find, saved, without } from "../answers.js";
import { ok, page } from "../envelope.js";
import { ApiError } from "../errors.js";
import { type ApiRequest, objectBody, param } from "../http.js";

/** Cloudflare's own limit of a title; this package's constructs are stricter. */
const MAX_TITLE_LENGTH = 512;

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/list/ */
export const listNamespaces: Handler = (request, { state }) => {
  const account = param(request, "account");
  const order = request.query.get("order");
  const sign = request.query.get("direction") === "desc" ? -1 : 1;
  const found = state.namespaces.filter((namespace) => namespace.account === account);
  if (order === "title" || order === "id") found.sort((a, b) => sign * byText(a[order], b[order]));
  else if (sign < 0) found.reverse();
  return page(found.map(shown), request);
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/create/ */
export const createNamespace: Handler = (request, emulation) => {
  const { state, workerd } = emulation;
  const account = param(request, "account");
  const title = freeTitle(request, state.namespaces);
  if (state.namespaces.filter((namespace) => namespace.account === account).length >= KV_LIMITS.maxNamespaces) {
    throw new ApiError("NAMESPACES_TOO_MANY");
  }
  const spare = state.spareNamespaceIds.shift();
  if (spare === undefined) workerd.outdate();
  const namespace = { account, id: spare ?? hexId(), title };
  state.namespaces.push(namespace);
  return saved(emulation, shown(namespace));
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/get/ */
export const getNamespace: Handler = (request, emulation) => ok(shown(namespaceOf(request, emulation)));

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/update/ */
export const renameNamespace: Handler = (request, emulation) => {
  const namespace = namespaceOf(request, emulation);
  namespace.title = freeTitle(request, without(emulation.state.namespaces, namespace));
  return saved(emulation, shown(namespace));
};

/** @see https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/delete/ */
export const deleteNamespace: Handler = (request, emulation) => {
  const { state } = emulation;
  const namespace = namespaceOf(request, emulation);
  const scripts = boundTo(state, namespace.id);
  if (scripts.length > 0) {
    throw new ApiError("NAMESPACE_IN_USE", `namespace has associated scripts: ${scripts.join(", ")}`);
  }
  state.namespaces = without(state.namespaces, namespace);
  state.discardedNamespaceIds.push(namespace.id);
  return changed(emulation, {});
};

/** The namespace in a path. */
export function namespaceOf(request: ApiRequest, { state }: Emulation): NamespaceRecord {
  const fields = { account: param(request, "account"), id: param(request, "namespace") };
  return find(state.namespaces, fields, "NAMESPACE_NOT_FOUND");
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
