import type { ChecklistItem } from "../../report/document/document.js";
import { ASCII, UNICODE } from "../../report/render/characters.js";
import { renderText } from "../../report/render/text.js";
import type { CommandContext } from "../command.js";
import type { DoctorOptions } from "../commands/doctor.js";
import type { DoctorReport } from "./doctor-item.js";
import { lookAtCloudflare } from "./doctor-cloudflare.js";
import { lookAtMachine } from "./doctor-machine.js";
import { lookAtProject } from "./doctor-project.js";

/** `cfkv doctor`: what is missing, and how to get it. */
export async function doctorCommand(options: DoctorOptions, context: CommandContext): Promise<void> {
  const items = [
    ...(await lookAtMachine(context)),
    ...lookAtProject(context, options.output),
    ...(options.offline === true ? [] : await lookAtCloudflare(context)),
  ];
  const report: DoctorReport = { healthy: items.every(({ ok }) => ok !== false), items };
  if (options.json === true) {
    context.results.json(report);
    return;
  }
  const list = items.map(({ item, ok, found, mend }): ChecklistItem => ({
    done: ok ?? undefined,
    text: item,
    note: ok === false && mend !== undefined ? `${found}; mend it: ${mend}` : found,
  }));
  const document = { title: "", blocks: [{ kind: "checklist", items: list } as const] };
  context.results.write(renderText(document, options.ascii === true ? ASCII : UNICODE));
}
