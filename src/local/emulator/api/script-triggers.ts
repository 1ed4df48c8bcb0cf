import type { Handler } from "../emulation.js";
import { ok } from "./envelope.js";
import { ApiError } from "./errors.js";
import { isObject, jsonBody, objectBody } from "./http.js";
import { scriptOf } from "./worker-records.js";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/ */
export const setSubdomain: Handler = async (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const { enabled, previews_enabled: previews } = objectBody(request);
  if (typeof enabled !== "boolean") throw new ApiError("BODY_INVALID", "enabled must be true or false");
  worker.subdomain = { enabled, previews_enabled: typeof previews === "boolean" ? previews : enabled };
  worker.settings = { ...worker.settings, subdomain: worker.subdomain };
  await emulation.save();
  return ok(worker.subdomain);
};

export const getSubdomain: Handler = (request, emulation) => ok(scriptOf(request, emulation).subdomain);

export const deleteSubdomain: Handler = async (request, emulation) => {
  const worker = scriptOf(request, emulation);
  worker.subdomain = { enabled: false, previews_enabled: false };
  worker.settings = { ...worker.settings, subdomain: worker.subdomain };
  await emulation.save();
  return ok(worker.subdomain);
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/schedules/ */
export const setSchedules: Handler = async (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const body = jsonBody(request);
  const sent = isObject(body) ? body.schedules : body;
  if (!Array.isArray(sent)) throw new ApiError("BODY_INVALID", "the body must be an array of schedules");
  const now = emulation.now().toISOString();
  worker.schedules = sent.map((schedule) => {
    const cron = isObject(schedule) ? schedule.cron : undefined;
    if (typeof cron !== "string" || cron.trim().split(/\s+/).length !== 5) {
      throw new ApiError("SCHEDULE_INVALID", "each schedule must have a cron of five fields");
    }
    const former = worker.schedules.find((other) => other.cron === cron);
    return { cron, created_on: former?.created_on ?? now, modified_on: now };
  });
  await emulation.save();
  return ok({ schedules: worker.schedules });
};

export const getSchedules: Handler = (request, emulation) => ok({ schedules: scriptOf(request, emulation).schedules });
