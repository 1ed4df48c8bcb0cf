import { Token, type TerraformResource } from "cdktf";

const CONTENT = ["all", "content", "content_file", "content_sha256", "main_module", "modules"];

/** What a Worker's script is told to ignore of its own code: Terraform would then upload an old file, or miss it. */
export function ignoredContent({ lifecycle }: Pick<TerraformResource, "lifecycle">): readonly string[] {
  const ignored = lifecycle?.ignoreChanges;
  if (ignored === undefined || Token.isUnresolved(ignored)) return [];
  return (typeof ignored === "string" ? [ignored] : ignored).filter((attribute) => CONTENT.includes(attribute));
}
