import { D1Database } from "@cdktf/provider-cloudflare/lib/d1-database/index.js";
import { Token } from "cdktf";
import type { Construct } from "constructs";
import { isUuid } from "../kv/ids.js";
import { claimName } from "./account-names.js";
import { AppLock } from "./app-lock.js";
import type { D1Props } from "./binding-props.js";
import { addressesOf, addressesUnder, idInStack } from "./locked-addresses.js";
import { literal } from "./literal.js";
import { asResolved } from "./stable-id.js";
import type { StackRecord } from "./stack-record.js";
import { migrationsProblem } from "./migration-folder.js";
import { composed, controlCharacterProblem } from "./terraform-text.js";

/** The id of a Worker's database: the existing one, or the one defined here. */
export function databaseId(
  scope: Construct,
  binding: string,
  props: D1Props,
  accountId: string,
  record: StackRecord,
): string {
  if (props.databaseId !== undefined) return props.databaseId;
  const { preventDestroy = true, renamedFrom } = props;
  const databaseName = composed(props.databaseName ?? "");
  const resource = new D1Database(scope, `D1-${binding}`, {
    accountId,
    name: literal(databaseName),
    // If unset, the provider tries to remove what the API returned, and the API refuses: provider issue 6309.
    readReplication: { mode: props.readReplication ?? "disabled" },
    lifecycle: { preventDestroy },
  });
  const name = asResolved(scope, databaseName);
  AppLock.of(scope).keepApart(resource, record, "databases", name);
  record.addLocked(() => ({
    kind: "databases",
    name,
    id: idInStack(resource),
    isProtected: preventDestroy,
    addresses: addressesOf(resource),
    addressesAt: (former) => addressesUnder(resource, former),
    ...(renamedFrom !== undefined && { renamedFrom }),
  }));
  return resource.id;
}

/** Every broken rule of a database, including a name that the account already uses. */
export function d1Problems(scope: Construct, binding: string, props: D1Props, accountId: string): string[] {
  const { databaseName, databaseId, readReplication, preventDestroy, migrations } = props;
  const where = `d1 '${binding}'`;
  const problems: (string | undefined)[] = [];
  if ((databaseName === undefined) === (databaseId === undefined)) {
    problems.push("must have either a databaseName to create or a databaseId to bind");
  }
  if (databaseId !== undefined && !Token.isUnresolved(databaseId) && !isUuid(databaseId)) {
    problems.push(`databaseId must be a UUID, got '${databaseId}'`);
  }
  if (databaseId !== undefined && (readReplication !== undefined || preventDestroy !== undefined)) {
    problems.push("readReplication and preventDestroy apply only to databases that are created here");
  }
  if (databaseName !== undefined) {
    const form =
      databaseName.trim() === ""
        ? "databaseName must not be empty"
        : controlCharacterProblem("databaseName", databaseName);
    problems.push(form ?? claimName(scope, accountId, "databaseName", composed(databaseName)));
  }
  if (migrations !== undefined) problems.push(migrationsProblem(migrations));
  return problems.flatMap((problem) => {
    if (problem === undefined) return [];
    return problem.startsWith("must ") ? `${where} ${problem}` : `${where}: ${problem}`;
  });
}
