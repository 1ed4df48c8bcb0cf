import { namespaceLabel, type Annotation, type Namespace, type Stack } from "../../assembly/index.js";
import type { Finding } from "./finding.js";

/** What the constructs of a stack reported when it was synthesized. */
export function annotationFindings(stack: Stack): Finding[] {
  return stack.annotations.map((annotation) => {
    const [, code = "ANNOTATION", message = annotation.message] =
      /^([A-Z][A-Z0-9_]+): ([^]*)$/.exec(annotation.message) ?? [];
    const namespace = stack.namespaces.find((each) => isAt(annotation, each, stack));
    const worker = stack.workers.find(({ logicalId }) => pathOf(annotation, stack) === withoutHash(logicalId));
    return {
      severity: annotation.level === "info" ? "advice" : annotation.level,
      code,
      message,
      stack: stack.name,
      ...(namespace === undefined ? {} : { namespace: namespaceLabel(namespace) }),
      ...(worker === undefined ? {} : { worker: worker.name }),
    };
  });
}

/** A logical id is the construct's path below the stack, and a hash. */
function isAt(annotation: Annotation, { logicalId }: Namespace, stack: Stack): boolean {
  return pathOf(annotation, stack) === withoutHash(logicalId);
}

function pathOf({ constructPath }: Annotation, { name }: Stack): string {
  const below = constructPath.startsWith(`${name}/`) ? constructPath.slice(name.length + 1) : constructPath;
  return below.replaceAll("/", "_");
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/_[0-9A-F]{8}$/, "");
}
