import { isObject } from "../../../../values/json.js";
import type { Emulation, Handler } from "../../emulation.js";
import type { WorkerRecord } from "../../records.js";
import { saved } from "../answers.js";
import { ok } from "../envelope.js";
import { ApiError } from "../errors.js";
import { jsonBody, objectBody } from "../http.js";
import type { ApiResponse } from "../http.js";
import { scriptOf } from "./worker-records.js";

/** The most crons of one Worker. */
const MAX_SCHEDULES = 250;

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/ */
export const setSubdomain: Handler = (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const { enabled, previews_enabled: previews } = objectBody(request);
  if (typeof enabled !== "boolean") throw new ApiError("BODY_INVALID", "enabled must be true or false");
  const previewsEnabled = typeof previews === "boolean" ? previews : enabled;
  return saveSubdomain(worker, { enabled, previews_enabled: previewsEnabled }, emulation);
};

export const getScriptSubdomain: Handler = (request, emulation) => ok(scriptOf(request, emulation).subdomain);

export const deleteSubdomain: Handler = (request, emulation) =>
  saveSubdomain(scriptOf(request, emulation), { enabled: false, previews_enabled: false }, emulation);

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/schedules/ */
export const setSchedules: Handler = (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const body = jsonBody(request);
  const sent = isObject(body) ? body.schedules : body;
  if (!Array.isArray(sent)) throw new ApiError("BODY_INVALID", "the body must be an array of schedules");
  if (sent.length > MAX_SCHEDULES) {
    throw new ApiError("SCHEDULE_INVALID", `a Worker may have at most ${MAX_SCHEDULES} schedules, got ${sent.length}`);
  }
  const now = emulation.now().toISOString();
  worker.schedules = sent.map((schedule) => {
    const cron = isObject(schedule) ? schedule.cron : undefined;
    if (typeof cron !== "string" || cron.trim().split(/\s+/).length !== 5) {
      throw new ApiError("SCHEDULE_INVALID", "each schedule must have a cron of five fields");
    }
    const former = worker.schedules.find((other) => other.cron === cron);
    return { cron, created_on: former?.created_on ?? now, modified_on: now };
  });
  return saved(emulation, { schedules: worker.schedules });
};

export const getSchedules: Handler = (request, emulation) => ok({ schedules: scriptOf(request, emulation).schedules });

function saveSubdomain(
  worker: WorkerRecord,
  subdomain: WorkerRecord["subdomain"],
  emulation: Emulation,
): Promise<ApiResponse> {
  worker.subdomain = subdomain;
  worker.settings = { ...worker.settings, subdomain };
  return saved(emulation, subdomain);
}
