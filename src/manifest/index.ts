export { MANIFEST_CODES, type ManifestCode } from "./codes.js";
export { MANIFEST_KINDS, type ManifestKind } from "./kinds.js";
export { type ManifestSet, type ManifestUnit, readManifests, type ReadOptions } from "./read-manifests.js";
export { type Diagnostic } from "./render.js";
