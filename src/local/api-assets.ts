import { randomBytes } from "node:crypto";
import type { Handler } from "./api-emulation.js";
import { ok } from "./api-envelope.js";
import { ApiError } from "./api-errors.js";
import { isObject, objectBody } from "./api-http.js";
import { parseMultipart } from "./api-multipart.js";

/** Files one upload may hold, as Cloudflare deals them out. */
const BUCKET = 50;

/** Sessions that are open: the token of each, and the files still missing. */
export type AssetSessions = Map<string, Set<string>>;

/** @see https://developers.cloudflare.com/workers/static-assets/direct-upload/ */
export const startAssetsUpload: Handler = async (request, { blobs, assets }) => {
  const { manifest } = objectBody(request);
  if (!isObject(manifest)) throw new ApiError("BODY_INVALID", "manifest must be an object of paths");
  const hashes = new Set(Object.values(manifest).map((file) => (isObject(file) ? file.hash : undefined)));
  const missing: string[] = [];
  for (const hash of hashes) {
    if (typeof hash !== "string" || !/^[0-9a-f]{32}$/.test(hash)) {
      throw new ApiError("BODY_INVALID", "each file of the manifest must have a hash of 32 hexadecimal digits");
    }
    if (!(await blobs.has(`asset-${hash}`))) missing.push(hash);
  }
  const jwt = token();
  if (missing.length > 0) assets.set(jwt, new Set(missing));
  const buckets = Array.from({ length: Math.ceil(missing.length / BUCKET) }, (_, at) =>
    missing.slice(at * BUCKET, (at + 1) * BUCKET),
  );
  return ok({ jwt, buckets });
};

/** Authorized by the session's token, not by the caller's. */
export const uploadAssets: Handler = async (request, { blobs, assets }) => {
  const jwt = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const missing = assets.get(jwt);
  if (missing === undefined) throw new ApiError("ASSETS_SESSION_INVALID");
  const base64 = request.query.get("base64") === "true";
  for (const { name, body } of parseMultipart(request.headers["content-type"], request.body) ?? []) {
    if (!missing.has(name)) throw new ApiError("BODY_INVALID", "a file was sent that the session does not ask for");
    const content = base64 ? Buffer.from(new TextDecoder().decode(body), "base64") : body;
    await blobs.putAs(`asset-${name}`, content);
    missing.delete(name);
  }
  if (missing.size > 0) return ok({ jwt: null });
  assets.delete(jwt);
  return ok({ jwt: token() });
};

const token = () => randomBytes(32).toString("base64url");
