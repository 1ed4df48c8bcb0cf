import { list, text } from "../schema/schema.js";

/** What authors list when they take it out of a manifest. */
export const LEAVING = {
  retired: list(
    text("A binding or a name; in a set also an environment's name."),
    "Names that are no longer defined and stay at Cloudflare: Terraform forgets them.",
  ),
  deleted: list(
    text("A binding or a name."),
    "Names that are no longer defined and that the next apply deletes for good.",
  ),
};
