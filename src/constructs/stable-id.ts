import { createHash } from "node:crypto";
import { DefaultTokenResolver, StringConcat, Token, Tokenization } from "cdktf";
import type { Construct } from "constructs";

/** A construct id derived from a string alone, so that adding or removing others does not change it. */
export function idOf(scope: Construct, kind: string, text: string): string {
  return `${kind}-${createHash("sha256").update(asResolved(scope, text)).digest("hex").slice(0, 12)}`;
}

/** A string as Terraform will read it: cdktf numbers references by their order, which must not reach an id. */
export function asResolved(scope: Construct, text: string): string {
  if (!Token.isUnresolved(text)) return text;
  const resolver = new DefaultTokenResolver(new StringConcat());
  return String(Tokenization.resolve(text, { scope, resolver, preparing: false }));
}
