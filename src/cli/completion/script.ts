import { script } from "@bomb.sh/tab";

/** `cfkv completion`: the script of a shell, which asks `cfkv complete` for each word. */
export function completionCommand(shell: string): void {
  // The library prints it by itself.
  script(shell, "cfkv", "cfkv");
}
