/** Bytes of one manifest file: 8 MiB, some 20,000 documents. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Files of one run, so that a wrong folder leads to a message, not to an hour of reading. */
export const MAX_FILES = 20_000;

/** Levels of nesting. The YAML parser recurses, so deeper text must not reach it; no manifest comes near. */
export const MAX_DEPTH = 100;

/** YAML errors shown of one document: what follows the first few is mostly noise. */
export const MAX_YAML_ERRORS = 5;

/** How far aliases may grow a document: to this many nodes, or this many times what is written. */
export const MAX_ALIAS_NODES = 1_000;
export const MAX_ALIAS_GROWTH = 10;

/** Kustomizations inside kustomizations. */
export const MAX_KUSTOMIZATION_DEPTH = 30;

/** Kustomizations and documents that one kustomization includes, each time it does: those in a diamond double by level. */
export const MAX_KUSTOMIZATION_INCLUDES = 50_000;
