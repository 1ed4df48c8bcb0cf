import { randomBytes } from "node:crypto";
import { isObject, type JsonObject } from "../../../../values/json.js";
import type { Emulation, Handler } from "../../emulation.js";
import type { AssetsRecord } from "../../records.js";
import { ok } from "../envelope.js";
import { ApiError } from "../errors.js";
import { objectBody } from "../http.js";
import { parseMultipart } from "../multipart.js";

/** How many files one upload may contain, as Cloudflare assigns them. */
const BUCKET = 50;

/** @see https://developers.cloudflare.com/workers/static-assets/direct-upload/ */
export const startAssetsUpload: Handler = async (request, { blobs, assets }) => {
  const { manifest } = objectBody(request);
  if (!isObject(manifest)) throw new ApiError("BODY_INVALID", "manifest must be an object of paths");
  const files = Object.fromEntries(Object.entries(manifest).map(([path, file]) => [path, hashOf(path, file)]));
  const missing: string[] = [];
  for (const hash of new Set(Object.values(files))) if (!(await blobs.has(`asset-${hash}`))) missing.push(hash);
  const jwt = token();
  assets.set(jwt, { files, missing: new Set(missing) });
  const buckets = Array.from({ length: Math.ceil(missing.length / BUCKET) }, (_, at) =>
    missing.slice(at * BUCKET, (at + 1) * BUCKET),
  );
  return ok({ jwt, buckets });
};

/** Authorized by the session's token, not by the caller's. */
export const uploadAssets: Handler = async (request, { blobs, assets }) => {
  const jwt = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const session = assets.get(jwt);
  if (session === undefined) throw new ApiError("ASSETS_SESSION_INVALID");
  const { files, missing } = session;
  const base64 = request.query.get("base64") === "true";
  for (const { name, body } of parseMultipart(request.headers["content-type"], request.body) ?? []) {
    if (!missing.has(name)) throw new ApiError("BODY_INVALID", "a file was sent that the session does not ask for");
    const content = base64 ? Buffer.from(new TextDecoder().decode(body), "base64") : body;
    await blobs.putAs(`asset-${name}`, content);
    missing.delete(name);
  }
  if (missing.size > 0) return ok({ jwt: null });
  assets.delete(jwt);
  const complete = token();
  assets.set(complete, { files, missing });
  return ok({ jwt: complete });
};

/** The assets in an upload of a Worker; undefined when it has none. */
export function sentAssets({ assets: sent }: JsonObject, { assets }: Emulation): AssetsRecord | undefined {
  if (!isObject(sent) || typeof sent.jwt !== "string") return undefined;
  const session = assets.get(sent.jwt);
  if (session === undefined || session.missing.size > 0) throw new ApiError("ASSETS_SESSION_INVALID");
  return { files: session.files, config: isObject(sent.config) ? sent.config : {} };
}

function hashOf(path: string, file: unknown): string {
  const hash = isObject(file) ? file.hash : undefined;
  if (typeof hash !== "string" || !/^[0-9a-f]{32}$/.test(hash)) {
    throw new ApiError("BODY_INVALID", "each file of the manifest must have a hash of 32 hexadecimal digits");
  }
  if (!path.startsWith("/") || path.split("/").some((name) => name === ".." || name.includes("\0"))) {
    throw new ApiError("BODY_INVALID", "each path of the manifest must begin with a slash and stay below it");
  }
  return hash;
}

const token = () => randomBytes(32).toString("base64url");
