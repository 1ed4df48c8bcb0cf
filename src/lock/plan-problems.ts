import { repeated } from "../values/text.js";
import { NOUN } from "./model.js";
import { isCalled } from "./names.js";
import type { Defined, Leaving, Moved } from "./stack-plan.js";

/**
 * A name that is listed for leaving and still defined would be lost, perhaps by accident, with a later change that drops
 * it.
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

/** A move, and the definition that it leads to. */
export interface OwnMove extends Moved {
  readonly of: Defined;
}

/** Terraform refuses two moves from one address, or to one: only one of both can be what is there. */
export function claimProblems(moved: readonly OwnMove[]): string[] {
  return (["from", "to"] as const).flatMap((end) => {
    const claims = new Map<string, Defined>();
    return moved.flatMap(({ of, ...move }) => {
      const other = claims.get(move[end]) ?? of;
      claims.set(move[end], other);
      if (other === of) return [];
      const { renamedFrom } = of;
      const why = renamedFrom === undefined ? "" : `; one of them is renamedFrom ${JSON.stringify(renamedFrom)}`;
      return [
        `${NOUN[of.kind]}s '${other.name}' and '${of.name}' both continue what is at ${move[end]}${why}: only one of them ` +
          `can; remove renamedFrom from the other, or its address from "was" in cfkv.lock.json`,
      ];
    });
  });
}

/** Terraform refuses a move from an address that is still defined, and the two could not be told apart. */
export function moveProblems(moved: readonly OwnMove[], inUse: ReadonlyMap<string, Defined>): string[] {
  return moved.flatMap(({ from, of: mover }) => {
    const other = inUse.get(from);
    if (other === undefined) return [];
    return [
      `${NOUN[other.kind]} '${other.name}' uses the address ${from}, which belongs to '${mover.name}' in states that have ` +
        `not moved yet: give it another binding or id, or apply the rename first and remove that address from "was" in cfkv.lock.json`,
    ];
  });
}
