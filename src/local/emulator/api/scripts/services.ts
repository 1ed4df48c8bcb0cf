import { createHash } from "node:crypto";
import type { Handler } from "../../emulation.js";
import type { WorkerRecord } from "../../records.js";
import { ok, page } from "../envelope.js";
import { param } from "../http.js";
import { metadataOf, scriptFacts } from "./facts.js";
import { scriptOf } from "./worker-records.js";

/** What the older services API returns for a script. */
export const getService: Handler = (request, emulation) => {
  const worker = scriptOf(request, emulation);
  return ok({ id: worker.name, ...timesOf(worker), default_environment: environmentOf(worker) });
};

/** The one environment that a service has. */
export const getServiceEnvironment: Handler = (request, emulation) => ok(environmentOf(scriptOf(request, emulation)));

function environmentOf(worker: WorkerRecord): object {
  const { created_on: _created, modified_on: _modified, ...facts } = scriptFacts(worker);
  const times = timesOf(worker);
  const script = { id: worker.name, tag: worker.id, tags: metadataOf(worker).tags ?? null, ...times, ...facts };
  return { environment: "production", ...times, script };
}

function timesOf(worker: WorkerRecord): { readonly created_on: string; readonly modified_on: string } {
  const { created_on, modified_on } = scriptFacts(worker);
  return { created_on, modified_on };
}

/** The namespaces of Durable Objects in an account: one for each class that a migration created. */
export const listDurableObjects: Handler = (request, { state }) => {
  const mine = state.workers.filter(({ account }) => account === param(request, "account"));
  const found = mine.flatMap((worker) =>
    (worker.durableObjects?.classes ?? []).map(({ name, sqlite }) => ({
      id: createHash("sha256").update(`${worker.id}/${name}`).digest("hex").slice(0, 32),
      name: `${worker.name}_${name}`,
      script: worker.name,
      class: name,
      use_sqlite: sqlite,
    })),
  );
  return page(found, request);
};
