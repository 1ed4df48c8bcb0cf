import { reportDocument } from "../document/report-document.js";
import type { Report } from "../build/model.js";
import { ASCII, UNICODE } from "./characters.js";
import { renderMarkdown } from "./markdown.js";
import { renderText } from "./text.js";

export const REPORT_FORMATS = ["text", "json", "md", "html"] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Writes a report in a format. Only HTML loads the libraries that lay out pictures. */
export async function renderReport(report: Report, format: ReportFormat, ascii = false): Promise<string> {
  switch (format) {
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "md":
      return renderMarkdown(reportDocument(report));
    case "text":
      return renderText(reportDocument(report), ascii ? ASCII : UNICODE);
    case "html": {
      const [{ stackPicture }, { daysChart }, { renderHtml }] = await Promise.all([
        import("./picture.js"),
        import("./chart.js"),
        import("./html.js"),
      ]);
      const document = reportDocument(report, {
        stack: stackPicture,
        days: ({ days }) => (days === undefined ? undefined : daysChart(days)),
      });
      return renderHtml(document, whenOf(report));
    }
  }
}

function whenOf({ time, source }: Report): string {
  if (time === undefined) return "As declared in the stacks; nothing was looked up.";
  return source === "live" ? `As Cloudflare had it at ${time}.` : `As the data of cfkv dev had it at ${time}.`;
}
