import type { Emulation } from "./emulation.js";
import { emptyState } from "./records.js";

/** How many keys are deleted at once. */
const PAGE = 1000;

/**
 * Empties the emulator. The ids of namespaces that workerd already has become spare ones, so that the next
 * namespace needs no restart.
 */
export async function reset(emulation: Emulation): Promise<void> {
  await emulation.inTurn(async () => {
    const { state, workerd, assets, save } = emulation;
    const { namespaces, workers, databases, discardedNamespaceIds, resets } = state;
    const running = new Set(workerd.engine.config.namespaces.map(({ id }) => id));
    const reused = namespaces.filter(({ id }) => running.has(id));
    for (const { id } of reused) await empty(id, emulation);
    const spareNamespaceIds = [...state.spareNamespaceIds, ...reused.map(({ id }) => id)];
    Object.assign(state, emptyState(), { spareNamespaceIds, discardedNamespaceIds, resets: resets + 1 });
    assets.clear();
    emulation.stale.clear();
    await workerd.engine.takeUsage();
    emulation.analytics.book.forget();
    if (workers.length > 0 || databases.length > 0) workerd.outdate();
    await save();
  });
}

async function empty(namespaceId: string, { workerd }: Emulation): Promise<void> {
  const store = await workerd.store(namespaceId);
  for (;;) {
    const { keys } = await store.list({ limit: PAGE });
    if (keys.length === 0) return;
    await store.deleteAll(keys.map(({ name }) => name));
  }
}
