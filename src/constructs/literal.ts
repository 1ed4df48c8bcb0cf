/**
 * Terraform reads `${…}` and `%{…}` in every string of its JSON as templates;
 * doubling the first character makes them plain text. References, which cdktf writes as `${TfToken[…]}` until it
 * synthesizes, stay unchanged, even after a `$`.
 *
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 */
export function literal(text: string): string {
  return text
    .replace(/\$\{(?!TfToken\[)/g, "$$$${")
    .replace(/%\{/g, "%%{")
    .replace(/\$+(?=\$\{TfToken\[)/g, (dollars) => `\${"${dollars}"}`);
}
