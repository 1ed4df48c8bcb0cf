import type { Files } from "../files/files.js";
import { type ManifestOf, placeOf } from "../manifest.js";
import { checkFile } from "../files/manifest-folder.js";
import { namespaceNameRule } from "../schema/rules.js";
import type { TemplateResource } from "./template.js";

type Template = ManifestOf<"workers_kv">;

/** What a template says as a whole: one Worker, at least one namespace, names and bindings used once. */
export function checkTemplate(template: Template, files: Files): void {
  const { resources, projectName } = template.value;
  const workers = resources.filter(({ type }) => type === "cloudflare_worker");
  const where = placeOf(template, "resources");
  if (workers.length !== 1) {
    const message = `a template must have exactly one resource of type cloudflare_worker, got ${workers.length}: use an EnvironmentSet or TypeScript for more`;
    where.report({ code: "MISSING_RESOURCE", message });
  }
  if (!resources.some(({ type }) => type === "cloudflare_kv")) {
    where.report({
      code: "MISSING_RESOURCE",
      message: "a template must have at least one resource of type cloudflare_kv",
    });
  }
  const names = new Set<string>();
  const bindings = new Set<string>(workers.flatMap(ownBindings));
  resources.forEach((resource, index) => {
    if (names.has(resource.id)) {
      placeOf(template, "resources", index, "id").report({
        code: "DUPLICATE_NAME",
        message: `the id '${resource.id}' is used twice`,
      });
    }
    names.add(resource.id);
    if (resource.type === "cloudflare_worker")
      checkFile(files, template, resource.config.main, "resources", index, "config", "main");
    checkResource(template, resource, index, projectName, bindings);
  });
}

function checkResource(
  template: Template,
  resource: TemplateResource,
  index: number,
  project: string,
  bindings: Set<string>,
): void {
  switch (resource.type) {
    case "cloudflare_worker":
    case "cloudflare_custom_domain":
      return;
    case "cloudflare_kv": {
      const violation = namespaceNameRule(`${project}-${resource.name}`);
      if (violation !== undefined) placeOf(template, "resources", index, "name").report(violation);
      break;
    }
    case "cloudflare_d1":
      break;
  }
  const { binding } = resource.config;
  if (bindings.has(binding)) {
    const message = `the binding '${binding}' is used twice; a Worker's bindings must be unique`;
    placeOf(template, "resources", index, "config", "binding").report({ code: "DUPLICATE_BINDING", message });
  }
  bindings.add(binding);
}

function ownBindings(resource: TemplateResource): string[] {
  if (resource.type !== "cloudflare_worker") return [];
  return [...Object.keys(resource.config.vars ?? {}), ...(resource.config.secrets ?? [])];
}
