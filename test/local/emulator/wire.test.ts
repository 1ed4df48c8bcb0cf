import { startEmulator } from "../../../src/local/emulator/emulator.js";
import { replay, transcripts } from "./wire-replay.js";

jest.setTimeout(60_000);

describe("what Terraform's provider was recorded to send", () => {
  const all = transcripts();

  it("is here", () => {
    expect(all.length).toBeGreaterThanOrEqual(16);
  });

  it.each(all.map((transcript) => [transcript.scenario, transcript.about, transcript] as const))(
    "is answered as recorded: %s (%s)",
    async (_scenario, _about, transcript) => {
      const emulator = await startEmulator();
      try {
        expect(await replay(transcript, emulator)).toBeGreaterThan(0);
      } finally {
        await emulator.close();
      }
    },
  );
});
