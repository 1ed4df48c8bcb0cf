/** Applies work to items, several at once, and yields the results in the order of the items. */
export async function* mapOrdered<In, Out>(
  items: AsyncIterable<In> | Iterable<In>,
  concurrency: number,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out, void, undefined> {
  const running: Promise<Out>[] = [];
  for await (const item of items) {
    const run = work(item);
    // The failure surfaces where the promise is awaited; until then it must not count as unhandled.
    run.catch(() => undefined);
    running.push(run);
    const first = running.length >= concurrency ? running.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const run of running) yield await run;
}
