import { relative, resolve } from "node:path";
import { type BuildFailure, formatMessagesSync } from "esbuild";
import { type Compatibility, nodeModuleAdvice } from "./node-modules.js";

/**
 * esbuild's own messages, with positions relative to the working directory, followed by what to change for Node.js
 * modules.
 */
export function explainFailure(error: unknown, folder: string, compatibility: Compatibility): string {
  const { errors } = error as Partial<BuildFailure>;
  if (errors === undefined) return error instanceof Error ? error.message : String(error);

  const advice = new Set<string>();
  const messages = errors.map(({ location, notes, ...message }) => {
    const unresolved = /^Could not resolve "(.+)"$/.exec(message.text)?.[1];
    const own = unresolved === undefined ? undefined : nodeModuleAdvice(unresolved, compatibility);
    if (own !== undefined) advice.add(own);
    return {
      ...message,
      location: location && { ...location, file: relative(process.cwd(), resolve(folder, location.file)) },
      // esbuild's notes name its own options, which do not exist here.
      notes: notes.filter(({ text }) => !/platform|externa|mainFields|main fields|plugin/i.test(text)),
    };
  });
  const frames = formatMessagesSync(messages, { kind: "error", color: false }).join("").trimEnd();
  return advice.size === 0 ? frames : `${frames}\n\n${[...advice].join("\n")}`;
}
