import type { Environment } from "../../src/constructs/environment.js";
import type { EnvironmentSetProps } from "../../src/constructs/environment-props.js";
import { EnvironmentSet } from "../../src/constructs/environment-set.js";
import { testApp } from "../support/synth.js";
import { ACCOUNT } from "./samples.js";

/** A set of two namespaces and two environments, unless told otherwise. */
export function define(props: Partial<EnvironmentSetProps> = {}): EnvironmentSet {
  return new EnvironmentSet(testApp(), "set", {
    app: "shop",
    accountId: ACCOUNT,
    namespaces: { SESSIONS: {}, CACHE: {} },
    environments: { dev: {}, prod: {} },
    ...props,
  });
}

/** One environment of a set that has no other. */
export function only(props: Partial<EnvironmentSetProps> = {}): Environment {
  const [environment] = define({ environments: { dev: {} }, ...props }).environments;
  if (environment === undefined) throw new Error("expected an environment");
  return environment;
}
