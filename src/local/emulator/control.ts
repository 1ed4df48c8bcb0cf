import { isObject } from "../../values/json.js";
import { InputError } from "../../errors.js";
import { ok } from "./api/envelope.js";
import { ApiError } from "./api/errors.js";
import type { ApiResponse } from "./api/http.js";
import { type Fault, parseFaults } from "./faults.js";

/** Bytes of the largest body of a control route. */
export const MAX_CONTROL_BODY = 100_000;

/** The actions of the control routes; {@link Emulator} has the same as methods. */
export interface Controls {
  readonly faults: () => readonly object[];
  readonly setFaults: (faults: readonly Fault[]) => void;
  readonly trigger: (worker: string, cron: string) => Promise<string>;
  readonly notes: () => readonly string[];
  readonly reset: () => Promise<void>;
}

/** One of the emulator's own routes, which Cloudflare does not have. */
export interface ControlRoute {
  readonly method: string;
  readonly path: string;
  /** For the documentation. */
  readonly what: string;
  readonly answer: (controls: Controls, request: ControlRequest) => ApiResponse | Promise<ApiResponse>;
}

interface ControlRequest {
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
}

export const CONTROL_ROUTES: readonly ControlRoute[] = [
  {
    method: "GET",
    path: "/emulator/faults",
    what: "lists the faults and how often each has happened",
    answer: ({ faults }) => ok(faults()),
  },
  {
    method: "PUT",
    path: "/emulator/faults",
    what: "replaces the faults with those in the body",
    answer: ({ faults, setFaults }, { body }) => {
      setFaults(sentFaults(new TextDecoder().decode(body)));
      return ok(faults());
    },
  },
  {
    method: "DELETE",
    path: "/emulator/faults",
    what: "removes all faults",
    answer: ({ setFaults }) => {
      setFaults([]);
      return ok([]);
    },
  },
  {
    method: "POST",
    path: "/emulator/trigger",
    what: "runs the `scheduled` handler of `worker` with `cron`",
    answer: async ({ trigger }, { query }) => {
      const outcome = await trigger(query.get("worker") ?? "", query.get("cron") ?? "").catch(badInput);
      return ok({ outcome });
    },
  },
  {
    method: "GET",
    path: "/emulator/notes",
    what: "lists what runs differently from Cloudflare",
    answer: ({ notes }) => ok(notes()),
  },
  {
    method: "POST",
    path: "/emulator/reset",
    what: "deletes everything and removes the faults",
    answer: async ({ reset }) => {
      await reset();
      return ok(null);
    },
  },
];

/** Whether a path is one of the emulator's own, known or not. */
export const isControl = (path: string): boolean => path.startsWith("/emulator/");

export async function answerControl(
  method: string,
  path: string,
  request: ControlRequest,
  controls: Controls,
): Promise<ApiResponse> {
  const rows = CONTROL_ROUTES.filter((route) => route.path === path);
  if (rows.length === 0) throw new ApiError("NO_ROUTE");
  const row = rows.find((route) => route.method === method);
  if (row === undefined) throw new ApiError("METHOD_NOT_ALLOWED");
  return row.answer(controls, request);
}

function sentFaults(text: string): Fault[] {
  try {
    const spec = text.trim().startsWith("{") ? (JSON.parse(text) as unknown) : text;
    if (isObject(spec)) return parseFaults(typeof spec.faults === "string" ? spec.faults : "");
    return parseFaults(text);
  } catch (error) {
    return badInput(error);
  }
}

function badInput(error: unknown): never {
  if (error instanceof InputError) throw new ApiError("BODY_INVALID", error.message);
  if (error instanceof SyntaxError) throw new ApiError("BODY_INVALID");
  throw error;
}
