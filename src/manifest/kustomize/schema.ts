import { boolean, type Infer, list, map, camelObject, oneOf, required, text } from "../schema/schema.js";

const IN_RESOURCES = "write the resources out";
const WITH_PATCHES = "use patches";
const NOTHING_TO_DO = "no supported kind has the fields that it changes";

/** Fields of Kustomize that would have to change the result and cannot: they are errors, never ignored. */
const UNSUPPORTED = {
  bases: "list the folders under resources",
  components: IN_RESOURCES,
  crds: NOTHING_TO_DO,
  configMapGenerator: NOTHING_TO_DO,
  secretGenerator: NOTHING_TO_DO,
  generatorOptions: NOTHING_TO_DO,
  generators: IN_RESOURCES,
  helmCharts: IN_RESOURCES,
  helmGlobals: IN_RESOURCES,
  helmChartInflationGenerator: IN_RESOURCES,
  images: NOTHING_TO_DO,
  replicas: NOTHING_TO_DO,
  namespace: "Cloudflare has no Kubernetes namespaces, and Planton refuses the field it adds",
  commonAnnotations: WITH_PATCHES,
  patchesJson6902: WITH_PATCHES,
  patchesStrategicMerge: WITH_PATCHES,
  replacements: WITH_PATCHES,
  vars: WITH_PATCHES,
  transformers: WITH_PATCHES,
  validators: "every document is validated already",
  configurations: WITH_PATCHES,
  openapi: NOTHING_TO_DO,
  sortOptions: "the order of documents has no effect",
  buildMetadata: NOTHING_TO_DO,
};

const TARGET = camelObject(
  {
    group: text("The part of apiVersion before the '/', as a regular expression."),
    version: text("The part of apiVersion after the '/', as a regular expression."),
    kind: text("The kind, as a regular expression."),
    name: text("The name, as a regular expression."),
  },
  "Which documents the patch changes.",
  {
    unsupported: {
      namespace: "Cloudflare has no Kubernetes namespaces",
      labelSelector: "choose by kind and name",
      annotationSelector: "choose by kind and name",
    },
  },
);

const PATCH = camelObject(
  {
    path: text("The file of the patch, inside the kustomization's folder."),
    patch: text("The patch itself: a document to merge, or a list of JSON 6902 operations."),
    target: TARGET,
  },
  "A patch, in a file (path) or here (patch).",
  { unsupported: { options: "a patch cannot change a document's kind or name" } },
);

const LABELS = camelObject(
  {
    pairs: required(map(text("A label's value."), "The labels.")),
    includeSelectors: boolean("Kustomize adds the labels to selectors too; these kinds have none."),
    includeTemplates: boolean("Kustomize adds the labels to templates too; these kinds have none."),
  },
  "Labels to add to every document's metadata.",
  { unsupported: { fields: WITH_PATCHES } },
);

export const KUSTOMIZATION_SCHEMA = camelObject(
  {
    apiVersion: oneOf(["kustomize.config.k8s.io/v1beta1", "kustomize.config.k8s.io/v1"], "The version of this kind.", {
      code: "WRONG_API_VERSION",
    }),
    kind: oneOf(["Kustomization"], "What this document is.", { code: "UNKNOWN_KIND" }),
    metadata: camelObject({ name: text("The kustomization's name.") }, "The kustomization's metadata."),
    resources: required(
      list(
        text("A file inside this folder, or another kustomization's folder."),
        "Manifests and kustomizations to include.",
        {
          minItems: 1,
        },
      ),
    ),
    namePrefix: text("Prepended to every document's metadata.name. The namespace's own name stays as it is."),
    nameSuffix: text("Appended to every document's metadata.name. The namespace's own name stays as it is."),
    labels: list(LABELS, "Labels to add to every document's metadata."),
    commonLabels: map(text("A label's value."), "Labels to add to every document's metadata."),
    patches: list(PATCH, "Changes to documents, in this order."),
  },
  "Several manifests, combined and patched into one stack.",
  { unsupported: UNSUPPORTED },
);

export type KustomizationDocument = Infer<typeof KUSTOMIZATION_SCHEMA>;
export type PatchDocument = Infer<typeof PATCH>;
