import { currentVersion } from "../../active-code.js";
import type { Emulation, Handler } from "../../emulation.js";
import type { VersionRecord } from "../../records.js";
import { find } from "../answers.js";
import { noContent, raw } from "../envelope.js";
import type { ApiResponse } from "../http.js";
import { buildMultipart } from "../multipart.js";
import { scriptOf } from "./worker-records.js";

/**
 * The code of the version that runs, or of the one that `version` names.
 *
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/content/methods/get/
 */
export const getScriptContent: Handler = async (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const id = request.query.get("version");
  return content(id === null ? currentVersion(worker) : find(worker.versions, { id }, "VERSION_NOT_FOUND"), emulation);
};

async function content(version: VersionRecord | undefined, { blobs }: Emulation): Promise<ApiResponse> {
  const modules = version?.modules ?? [];
  // A Worker with static assets only. An empty string would be a change in every Terraform plan.
  if (modules.length === 0) return noContent();
  const main = version?.fields.main_module;
  const parts = await Promise.all(
    modules.map(async ({ name, contentType, digest }) => {
      return { name, filename: name, contentType, body: await blobs.get(digest) };
    }),
  );
  if (typeof main !== "string") {
    return raw(parts[0]?.body ?? "", { "content-type": parts[0]?.contentType ?? "application/javascript" });
  }
  // Terraform uses the first part as the content.
  const ordered = [...parts].sort((a, b) => Number(b.name === main) - Number(a.name === main));
  const { contentType, body } = buildMultipart(ordered);
  return raw(body, { "content-type": contentType, "cf-entrypoint": main });
}
