/**
 * workerd shows `console.trace` in a debugger only. A Worker that is bundled for development prints it: one line of
 * JavaScript that goes before the Worker's own code, so that the line numbers of that code stay as they are.
 */
export const TRACE_PRELUDE = oneLine(`
  console.trace = function trace(first, ...rest) {
    const at = {};
    Error.captureStackTrace(at, trace);
    const title = typeof first === "string" ? ["Trace: " + first] : first === undefined ? ["Trace"] : ["Trace:", first];
    console.log(...title, ...rest, at.stack.slice(at.stack.indexOf("\\n")));
  };
`);

function oneLine(code: string): string {
  return `${code.trim().replace(/\n\s*/g, " ")} `;
}
