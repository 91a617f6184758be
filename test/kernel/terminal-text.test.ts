import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TerminalText } from "../../lib/kernel/terminal-text";

function shown(...pieces: string[]): string {
  const terminal = new TerminalText();
  for (const piece of pieces) terminal.write(piece);
  return terminal.toString();
}

test("a carriage return goes back, and what comes next writes over what was there", () => {
  assert.equal(shown("epoch 1\repoch 2\n"), "epoch 2\n");
  assert.equal(shown("loss 0.512\rloss 0.4"), "loss 0.412");
  assert.equal(shown("windows\r\nlines\r\n"), "windows\nlines\n");
  assert.equal(shown("12\b3"), "13");
});

test("lines are erased and left upwards as progress bars do", () => {
  assert.equal(shown("a long line\r\u001b[2Kshort"), "short");
  assert.equal(shown("keep this\rkeep\u001b[K"), "keep");
  assert.equal(shown("one\ntwo\n\u001b[2A\u001b[2KONE\n"), "ONE\ntwo\n");
  assert.equal(shown("ab\u001b[3GX"), "abX");
});

test("colours stay on the characters they were given to", () => {
  assert.equal(shown("\u001b[31mred\u001b[0m plain"), "\u001b[31mred\u001b[0m plain");
  assert.equal(shown("\u001b[31mred\u001b[0m\rgo"), "go\u001b[31md\u001b[0m");
});

test("the last line that shows something, without colours", () => {
  const terminal = new TerminalText();
  terminal.write("done\n\u001b[1mepoch 3\u001b[0m\n\n");
  assert.equal(terminal.lastLine, "epoch 3");
});

test("pieces may be cut anywhere", () => {
  const text = "a\u001b[31mb\u001b[0m\rcd\u001b[2Kµ\n😀 x\ty\u001b[1A.\r\n";
  const symbols = Array.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat(symbols.length)), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), symbols.length];
      const pieces = places.slice(1).map((end, i) => symbols.slice(places[i], end).join(""));
      assert.equal(shown(...pieces), shown(text));
    }),
  );
});

test("plain text is left as it is", () => {
  const plain = fc.stringMatching(/^[ -~\n\t]*$/);
  fc.assert(fc.property(plain, (text) => assert.equal(shown(text), text)));
});
