/** What stacks/edge-store.ts binds. */
export interface Bindings {
  SESSIONS: KVNamespace;
  CACHE: KVNamespace;
  CONFIG: KVNamespace;
  FLAGS: KVNamespace;
}
