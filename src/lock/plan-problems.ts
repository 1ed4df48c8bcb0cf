import { repeated } from "../values/text.js";
import { NOUN } from "./model.js";
import { isCalled } from "./names.js";
import type { Defined, Leaving, Moved } from "./stack-plan.js";

/**
 * A name that is listed for leaving and still defined would go with a later change that drops it, when nobody means it
 * any more.
 */
export function leavingProblems(defined: readonly Defined[], leaving: Leaving): string[] {
  const stillDefined = (["retired", "deleted"] as const).flatMap((list) =>
    leaving[list].flatMap((text) => {
      const other = defined.find(({ name, id }) => isCalled(text, name, id));
      if (other === undefined) return [];
      return [
        `${list} names "${text}", which is still defined as ${NOUN[other.kind]} '${other.name}': ` +
          `remove the definition or the line, or list the name of the one to remove`,
      ];
    }),
  );
  const both = repeated([...new Set(leaving.retired), ...new Set(leaving.deleted)]);
  return [...stillDefined, ...[...both].map((text) => `"${text}" is both retired and deleted: keep one of the two`)];
}

/** Terraform refuses a move from an address that is still defined, and the two could not be told apart. */
export function moveProblems(moved: readonly Moved[], inUse: ReadonlyMap<string, Defined>): string[] {
  return moved.flatMap(({ from, to }) => {
    const other = inUse.get(from);
    const mover = inUse.get(to) ?? other;
    if (other === undefined || mover === undefined) return [];
    return [
      `${NOUN[other.kind]} '${other.name}' uses the address ${from}, which belongs to '${mover.name}' in states that have ` +
        `not moved yet: give it another binding or id, or apply the rename first and remove that address from "was" in cfkv.lock.json`,
    ];
  });
}
