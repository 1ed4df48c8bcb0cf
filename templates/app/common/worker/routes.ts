// imports

/** Every route of the Worker, in the order in which they are tried. */
export const routes = [
  // routes
] as const;
