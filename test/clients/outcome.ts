/** What became of a command that a client was run with. */
export interface Outcome {
  readonly command: string;
  /** `refused` where Cloudflare refuses it too, or where the emulator does not serve it. */
  readonly outcome: "works" | "refused";
}
