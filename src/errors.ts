/**
 * Every error this package throws on purpose. `code` is a stable name: test for
 * it, look it up in docs/errors.md; it never changes once released.
 */
export class CodedError<Code extends string = string> extends Error {
  override readonly name: string = "CodedError";

  constructor(
    readonly code: Code,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Props that Cloudflare or Terraform would reject, found before anything is deployed. */
export class ValidationError extends CodedError<"INVALID_PROPS"> {
  override readonly name = "ValidationError";

  constructor(
    /** One message for each broken rule. */
    readonly problems: readonly string[],
    /** The construct, as in `KvNamespace at 'shop-prod/Sessions'`. */
    where: string,
  ) {
    super("INVALID_PROPS", `${where}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/** Something in the caller's files or arguments is wrong; nothing was changed. Exit code 1, or 2 for wrong usage. */
export class InputError<Code extends string = string> extends CodedError<Code> {
  override readonly name = "InputError";

  constructor(
    code: Code,
    message: string,
    /** The command or edit that gets the caller on. */
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** Cloudflare, the network or another program refused. Exit code 3. */
export class ServiceError<Code extends string = string> extends CodedError<Code> {
  override readonly name = "ServiceError";

  constructor(
    code: Code,
    message: string,
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
