export { loadManifests, type LoadOptions, ManifestError, synthManifests } from "./load-manifests.js";
export { ManifestInclude, type ManifestIncludeProps } from "./manifest-include.js";
export { rehearse } from "./rehearse.js";
