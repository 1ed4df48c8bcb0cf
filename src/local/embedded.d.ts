/**
 * The source text of a file that runs elsewhere, such as `engine/workers/router.worker.ts`; TypeScript comes bundled.
 */
export function embedded(path: string): string;
