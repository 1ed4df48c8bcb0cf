/** US dollars for a million operations on the paid plan, beyond what it includes. Misses and cached reads count too. */
const PER_MILLION = { reads: 0.5, writes: 5, deletes: 5, lists: 5 };

/** What so many operations cost for a million requests, when they were for `requests`. */
export function dollarsPerMillion(
  requests: number,
  counts: Readonly<Partial<Record<keyof typeof PER_MILLION, number>>>,
): number {
  const names = Object.keys(PER_MILLION) as (keyof typeof PER_MILLION)[];
  return names.reduce((sum, name) => sum + (counts[name] ?? 0) * PER_MILLION[name], 0) / requests;
}
