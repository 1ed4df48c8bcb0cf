import type { MiniflareQueueConsumer } from "./miniflare-worker.js";
import type { QueueConsumer } from "../../assembly/model.js";
import type { EngineConfig, EngineWorker } from "./types.js";
import type { Note } from "./worker-bindings.js";

/** Cloudflare's own, where a stack says nothing else. */
const DEFAULTS = { batchSize: 10, maxWaitMs: 5_000, maxRetries: 3 };

/** The queues of a Worker as Miniflare takes them. One that another Worker has already is left out with a note. */
export function queueConsumers(
  worker: EngineWorker,
  { workers }: EngineConfig,
  note: Note,
): { readonly queueConsumers?: Readonly<Record<string, MiniflareQueueConsumer>> } {
  const { queues = [], versions } = worker;
  const consumers = queues.flatMap((consumer) => {
    const owner = workers.find((each) => each.queues?.some(({ queue }) => queue === consumer.queue) === true);
    if (owner !== worker) {
      const reason = `Worker ${owner?.name ?? ""} gets its messages`;
      note("QUEUE_NOT_CONSUMED", `queue ${consumer.queue} of Worker ${worker.name} is left out: ${reason}`);
      return [];
    }
    return [[consumer.queue, miniflareConsumer(consumer)] as const];
  });
  if (consumers.length === 0) return {};
  if (versions.length > 1) {
    note("QUEUE_NOT_CONSUMED", `the messages of queues go to the first of the versions of Worker ${worker.name}`);
  }
  return { queueConsumers: Object.fromEntries(consumers) };
}

function miniflareConsumer(consumer: QueueConsumer): MiniflareQueueConsumer {
  const { batchSize, maxWaitMs, maxRetries, retryDelay, deadLetterQueue, queue } = { ...DEFAULTS, ...consumer };
  return {
    maxBatchSize: batchSize,
    maxBatchTimeout: maxWaitMs / 1000,
    maxRetries,
    ...(retryDelay === undefined ? {} : { retryDelay }),
    // Miniflare refuses a circle of one.
    ...(deadLetterQueue === undefined || deadLetterQueue === queue ? {} : { deadLetterQueue }),
  };
}
