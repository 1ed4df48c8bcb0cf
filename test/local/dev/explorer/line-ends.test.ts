import fc from "fast-check";
import { editedText, lineEndsNote, shownText } from "../../../../src/local/dev/explorer/line-ends.js";

describe("line ends in a text area", () => {
  it.each([
    ["CRLF stays", "a\r\nb\r\n", "a\nc\n", "a\r\nc\r\n"],
    ["a line that is added gets the end of the others", "a\r\nb", "a\nx\nb", "a\r\nx\r\nb"],
    ["mixed ends stay where nothing changed", "a\r\nb\nc\rd\r\n", "a\nb\nX\nd\n", "a\r\nb\nX\r\nd\r\n"],
    ["a text without lines gets \\n", "", "a\nb", "a\nb"],
    ["what is removed is gone", "a\r\nb\r\nc", "a\nc", "a\r\nc"],
    ["a line of the same text at the end", "a\na\r\n", "a\na\na\n", "a\na\r\na\n"],
  ])("%s", (_, original, edited, stored) => {
    expect(editedText(original, edited)).toBe(stored);
  });

  const text = fc.string({ unit: fc.constantFrom("a", "b", "\r", "\n", "\r\n") });

  it("come back as they were when nothing was edited", () => {
    fc.assert(fc.property(text, (original) => editedText(original, shownText(original)) === original));
  });

  it("are the only thing that an edit may add", () => {
    fc.assert(
      fc.property(text, text, (original, other) => {
        const edited = shownText(other);
        expect(shownText(editedText(original, edited))).toBe(edited);
      }),
    );
  });

  it.each([
    ["a\nb", undefined],
    ["a", undefined],
    ["a\r\nb", "CRLF line ends"],
    ["a\rb", "CR line ends"],
    ["a\r\nb\n", "mixed line ends"],
  ])("are named for %j", (original, note) => {
    expect(lineEndsNote(original)).toBe(note);
  });
});
