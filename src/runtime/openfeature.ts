import type { ErrorCode, EvaluationContext, Provider, ResolutionDetails } from "@openfeature/server-sdk";
import type { FeatureFlags } from "./flags/feature-flags.js";
import type { JsonValue } from "./flags/flag.js";

/**
 * Feature flags in KV through OpenFeature's API: the same code then runs with Cloudflare's Flagship or any other
 * provider. It uses nothing of the SDK but its types.
 *
 * @example
 * await OpenFeature.setProviderAndWait(new KvFlagProvider(FeatureFlags.fromEnv(env, "FLAGS")));
 */
export class KvFlagProvider implements Provider {
  readonly metadata = { name: "cloudflare-kv" };
  readonly runsOn = "server";

  readonly #flags: FeatureFlags;

  constructor(flags: FeatureFlags) {
    this.#flags = flags;
  }

  resolveBooleanEvaluation(name: string, fallback: boolean, context: EvaluationContext) {
    return this.#resolve<boolean>(name, fallback, context);
  }

  resolveStringEvaluation(name: string, fallback: string, context: EvaluationContext) {
    return this.#resolve<string>(name, fallback, context);
  }

  resolveNumberEvaluation(name: string, fallback: number, context: EvaluationContext) {
    return this.#resolve<number>(name, fallback, context);
  }

  resolveObjectEvaluation<T extends JsonValue | object>(name: string, fallback: T, context: EvaluationContext) {
    return this.#resolve<T>(name, fallback, context);
  }

  /** Never throws: the SDK's own error classes would bring all of it into the bundle. */
  async #resolve<T>(name: string, fallback: T, { targetingKey }: EvaluationContext): Promise<ResolutionDetails<T>> {
    try {
      const { value, variant, reason, errorCode, metadata } = await this.#flags.evaluateVariant(
        name,
        fallback as JsonValue,
        targetingKey === undefined ? {} : { targetingKey },
      );
      return {
        value: value as T,
        reason,
        ...(variant !== undefined && { variant }),
        ...(errorCode !== undefined && { errorCode: errorCode as unknown as ErrorCode }),
        ...(metadata !== undefined && { flagMetadata: metadata }),
      };
    } catch {
      return { value: fallback, reason: "ERROR", errorCode: "GENERAL" as unknown as ErrorCode };
    }
  }
}
