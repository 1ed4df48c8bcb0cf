import { count, printable } from "../../values/text.js";
import type { CommandContext } from "../command.js";
import type { ListPreviewsOptions } from "../commands/previews-list.js";
import { columns } from "../terminal/columns.js";
import { findPreviews, type Preview } from "./find-previews.js";

/** `cfkv previews list`: the previews that exist. */
export async function listPreviewsCommand({ json }: ListPreviewsOptions, context: CommandContext): Promise<void> {
  const previews = await findPreviews(context);
  const { results } = context;
  if (json === true) results.json(previews.map(previewJson));
  else if (previews.length === 0) results.line("there are no previews");
  else for (const line of columns(previews.map(previewRow))) results.line(line);
}

/** A preview as it is listed. */
export function previewRow(preview: Preview): string[] {
  const { stack, workers, namespaces, databases } = preview;
  return [
    printable(stack),
    [
      ...(workers.length > 0 ? [count(workers.length, "Worker")] : []),
      ...(namespaces.length > 0 ? [count(namespaces.length, "namespace")] : []),
      ...(databases.length > 0 ? [count(databases.length, "database")] : []),
    ].join(", "),
    deployedText(preview),
  ];
}

export function previewJson({ client: _, deployedOn, ...preview }: Preview): unknown {
  return { ...preview, deployedOn: deployedOn === undefined ? undefined : new Date(deployedOn).toISOString() };
}

function deployedText({ deployedOn }: Preview): string {
  return deployedOn === undefined
    ? "no Worker, so its age is unknown"
    : `deployed ${new Date(deployedOn).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
