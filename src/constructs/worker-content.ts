import { Token, type TerraformResource } from "cdktf";

const CONTENT = ["all", "content", "content_file", "content_sha256", "main_module", "modules"];

/** The attributes of its code that a Worker's script ignores: Terraform would then upload an old file, or miss it. */
export function ignoredContent({ lifecycle }: Pick<TerraformResource, "lifecycle">): readonly string[] {
  const ignored = lifecycle?.ignoreChanges;
  if (ignored === undefined || Token.isUnresolved(ignored)) return [];
  return (typeof ignored === "string" ? [ignored] : ignored).filter((attribute) => CONTENT.includes(attribute));
}
