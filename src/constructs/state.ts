import { LocalBackend, S3Backend, type TerraformBackend, type TerraformStack } from "cdktf";
import { accountIdOrDefault, accountIdProblem } from "./account.js";
import { failOn } from "./problems.js";
import { fieldsOf, oneOf, plainText, problemsOf, required, type ShapesOf } from "./shape.js";

/**
 * Keeps a stack's state in a file beside the assembly, where cdktf keeps it too,
 * but with a relative path: the same JSON in every folder.
 */
export function localState(stack: TerraformStack): TerraformBackend {
  // Terraform runs in cdktf.out/stacks/<stack>.
  return new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
}

/** Where {@link r2Backend} keeps state. */
export interface R2BackendProps {
  /** The R2 bucket, which must exist. */
  readonly bucket: string;

  /**
   * The account that owns the bucket: 32 hexadecimal digits.
   *
   * @default - the environment variable CLOUDFLARE_ACCOUNT_ID, read when synthesizing
   */
  readonly accountId?: string;

  /**
   * A prefix for the state's key.
   *
   * @default "" - the key is `<stack>.tfstate`
   */
  readonly keyPrefix?: string;

  /**
   * The jurisdiction the bucket was created in.
   *
   * @default - none
   */
  readonly jurisdiction?: "eu" | "fedramp";
}

const R2_BACKEND = fieldsOf(
  {
    bucket: required(plainText),
    accountId: plainText,
    keyPrefix: plainText,
    jurisdiction: oneOf("eu", "fedramp"),
  } satisfies ShapesOf<R2BackendProps>,
  false,
);

/**
 * Keeps the state of each stack in an R2 bucket, locked while in use. R2 speaks S3, without the checks of AWS. The keys
 * come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY when applying. Needs Terraform or OpenTofu 1.10.
 *
 * @example
 * new EnvironmentSet(app, "shop", { …, backend: r2Backend({ bucket: "terraform-state" }) });
 *
 * @see https://developers.cloudflare.com/terraform/advanced-topics/remote-backend/
 */
export function r2Backend(props: R2BackendProps): (stack: TerraformStack) => TerraformBackend {
  return (stack) => {
    failOn(
      problemsOf(props, R2_BACKEND, "r2Backend", () => [
        accountIdProblem(accountIdOrDefault(props.accountId)),
        bucketProblem(props.bucket),
      ]),
      stack,
    );
    const { bucket, keyPrefix = "", jurisdiction } = props;
    const accountId = accountIdOrDefault(props.accountId);
    const host = [accountId, ...(jurisdiction === undefined ? [] : [jurisdiction]), "r2.cloudflarestorage.com"].join(
      ".",
    );
    const backend = new S3Backend(stack, {
      bucket,
      key: `${keyPrefix}${stack.node.id}.tfstate`,
      region: "auto",
      endpoints: { s3: `https://${host}` },
      skipCredentialsValidation: true,
      skipMetadataApiCheck: true,
      skipRegionValidation: true,
      skipRequestingAccountId: true,
      skipS3Checksum: true,
      usePathStyle: true,
    });
    // A lock file beside the state instead of DynamoDB; these bindings have no prop for it.
    backend.addOverride("use_lockfile", true);
    return backend;
  };
}

function bucketProblem(bucket: string): string | undefined {
  if (/^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/.test(bucket)) return undefined;
  return `bucket must be 3 to 63 lower-case letters, digits and inner '-', got '${bucket}'`;
}
