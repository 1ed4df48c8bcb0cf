import { isObject } from "../../../../values/json.js";
import type { Handler } from "../../emulation.js";
import { type DeploymentRecord, uuid, type WorkerRecord } from "../../records.js";
import { find, saved, without } from "../answers.js";
import { ok } from "../envelope.js";
import { ApiError } from "../errors.js";
import { objectBody, param } from "../http.js";
import { migrated } from "./migrations.js";
import { changeOrRollBack, scriptOf } from "./worker-records.js";

/**
 * Splits traffic between versions, in the order of the request.
 *
 * @see
 * https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/methods/create/
 */
export const createDeployment: Handler = (request, emulation) =>
  emulation.inTurn(async () => {
    const worker = scriptOf(request, emulation);
    const { strategy, versions, annotations } = objectBody(request);
    if (strategy !== "percentage") throw new ApiError("DEPLOYMENT_INVALID", "strategy must be 'percentage'");
    const deployment: DeploymentRecord = {
      id: uuid(),
      createdOn: emulation.now().toISOString(),
      annotations: { ...(isObject(annotations) ? annotations : {}), "workers/triggered_by": "deployment" },
      versions: sentVersions(versions, worker),
    };
    const ids = new Set(deployment.versions.map(({ version_id: id }) => id));
    let { durableObjects } = worker;
    for (const { id, fields, bindings } of worker.versions) {
      // A version from the Workers API has migrations, which are applied when it is first deployed.
      const { migrations } = fields;
      const applied = isObject(migrations) && migrations.new_tag === durableObjects?.tag;
      if (!ids.has(id) || !isObject(migrations) || applied) continue;
      durableObjects = migrated({ ...worker, ...(durableObjects && { durableObjects }) }, fields, bindings, emulation);
    }
    await changeOrRollBack(emulation, worker, () => {
      worker.deployments.push(deployment);
      worker.deployedOn = deployment.createdOn;
      if (durableObjects !== undefined) worker.durableObjects = durableObjects;
    });
    return saved(emulation, shown(deployment));
  });

export const listDeployments: Handler = (request, emulation) =>
  ok({ deployments: [...scriptOf(request, emulation).deployments].reverse().map(shown) });

/** Earlier deployments can still be read: Terraform does that. */
export const getDeployment: Handler = (request, emulation) => {
  const { deployments } = scriptOf(request, emulation);
  return ok(shown(find(deployments, { id: param(request, "deployment") }, "DEPLOYMENT_NOT_FOUND")));
};

/** Removes an earlier deployment. The active one stays. */
export const deleteDeployment: Handler = (request, emulation) => {
  const worker = scriptOf(request, emulation);
  const found = find(worker.deployments, { id: param(request, "deployment") }, "DEPLOYMENT_NOT_FOUND");
  if (worker.deployments.at(-1) === found) {
    throw new ApiError("DEPLOYMENT_INVALID", "the active deployment cannot be deleted");
  }
  worker.deployments = without(worker.deployments, found);
  return saved(emulation, null);
};

function sentVersions(value: unknown, worker: WorkerRecord): DeploymentRecord["versions"] {
  if (!Array.isArray(value) || value.length < 1 || value.length > 2) {
    throw new ApiError("DEPLOYMENT_INVALID", "a deployment must have one or two versions");
  }
  const versions = value.map((item: unknown) => {
    const { version_id: id, percentage } = isObject(item) ? item : {};
    if (typeof percentage !== "number" || percentage < 0.01 || percentage > 100) {
      throw new ApiError("DEPLOYMENT_INVALID", "each percentage must be from 0.01 to 100");
    }
    if (typeof id !== "string" || !worker.versions.some((version) => version.id === id)) {
      throw new ApiError("DEPLOYMENT_INVALID", "each version_id must be that of a version of this Worker");
    }
    return { percentage, version_id: id };
  });
  if (new Set(versions.map(({ version_id: id }) => id)).size < versions.length) {
    throw new ApiError("DEPLOYMENT_INVALID", "the versions of a deployment must be different ones");
  }
  const sum = versions.reduce((total, { percentage }) => total + percentage, 0);
  if (Math.abs(sum - 100) > 0.005)
    throw new ApiError("DEPLOYMENT_INVALID", `percentages must add up to 100, got ${sum}`);
  return versions;
}

function shown({ id, createdOn, annotations, versions }: DeploymentRecord): object {
  return {
    id,
    strategy: "percentage",
    versions,
    annotations,
    author_email: "author@example.com",
    created_on: createdOn,
    source: "api",
  };
}
