import { createHash } from "node:crypto";
import type { Emulation, Handler } from "../emulation.js";
import { ok, page } from "./envelope.js";
import { param } from "./http.js";

/** The account that exists before anything is created, and the default account of the examples. */
export const FIRST_ACCOUNT = "0".repeat(32);

/** @see https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/ */
export const verifyToken: Handler = () =>
  ok({ id: idOf("token"), status: "active" }, undefined, [
    { code: 10000, message: "This API Token is valid and active", type: null },
  ]);

export const getUser: Handler = () => ok({ id: idOf("user"), email: "author@example.com" });

/** Every account exists; those that contain something are listed. */
export const listAccounts: Handler = (request, emulation) => page(knownAccounts(emulation).map(account), request);

export const getAccount: Handler = (request) => ok(account(param(request, "account")));

export const listMemberships: Handler = (request, emulation) =>
  page(
    knownAccounts(emulation).map((id) => ({ id: idOf(id), status: "accepted", account: account(id), roles: [] })),
    request,
  );

/** The account's part of addresses on workers.dev. */
export const getSubdomain: Handler = () => ok({ subdomain: "local" });

function knownAccounts({ state }: Emulation): string[] {
  const all = [...state.namespaces, ...state.workers, ...state.domains, ...state.databases];
  const ids = new Set(all.map((record) => record.account));
  return ids.size === 0 ? [FIRST_ACCOUNT] : [...ids];
}

function account(id: string): object {
  return { id, name: `Local account ${id}`, type: "standard", settings: {}, created_on: "2024-01-01T00:00:00Z" };
}

const idOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);
