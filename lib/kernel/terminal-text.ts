/**
 * A stream's text as a terminal would show it: a carriage return goes back to the start of the line, what comes next
 * writes over what was there. Training loops and progress bars redraw their line so; a log of it should show it once.
 */

interface Character {
  text: string;
  /** The colours in force, as the escape sequences that set them. */
  style: string;
}

const ESCAPE = "\u001b";
const RESET = `${ESCAPE}[0m`;
const TAB_WIDTH = 8;
/** A whole escape sequence: `ESC [ parameters final` or `ESC` and one character. */
const SEQUENCE = new RegExp(`^${ESCAPE}(?:\\[[0-9;?]*([@-~])|[^[])`);

export class TerminalText {
  private readonly lines: Character[][] = [[]];
  private row = 0;
  private column = 0;
  private style = "";
  /** An escape sequence cut off at the end of a chunk. */
  private rest = "";

  /** Takes the next piece of the stream; pieces may be cut anywhere. */
  write(text: string): void {
    const input = this.rest + text;
    this.rest = "";
    for (let at = 0; at < input.length; ) {
      if (input[at] !== ESCAPE) {
        const character = String.fromCodePoint(input.codePointAt(at)!);
        this.put(character);
        at += character.length;
        continue;
      }
      const sequence = SEQUENCE.exec(input.slice(at));
      if (sequence === null) {
        this.rest = input.slice(at);
        return;
      }
      this.control(sequence[0], sequence[1] ?? "");
      at += sequence[0].length;
    }
  }

  /** The whole text, with its colours. */
  toString(): string {
    return this.lines.map(render).join("\n");
  }

  /** The last line that shows something, without colours: what a progress display wants. */
  get lastLine(): string {
    for (let row = this.lines.length - 1; row >= 0; row--) {
      const text = this.lines[row]!.map((character) => character.text).join("");
      if (text.trim() !== "") return text.trimEnd();
    }
    return "";
  }

  private put(character: string): void {
    if (character === "\n") {
      this.row++;
      this.column = 0;
      if (this.row === this.lines.length) this.lines.push([]);
    } else if (character === "\r") this.column = 0;
    else if (character === "\b") this.column = Math.max(0, this.column - 1);
    else if (character === "\t" && this.column < this.lines[this.row]!.length) {
      this.column += TAB_WIDTH - (this.column % TAB_WIDTH);
    } else {
      const line = this.lines[this.row]!;
      while (line.length < this.column) line.push({ text: " ", style: "" });
      line[this.column++] = { text: character, style: this.style };
    }
  }

  private control(sequence: string, final: string): void {
    const [first = 0] = sequence.slice(2, -1).split(";").map(Number);
    const count = Math.max(1, first || 1);
    const line = this.lines[this.row]!;
    if (final === "m") this.style = /\[0?m$/.test(sequence) ? "" : this.style + sequence;
    else if (final === "K" && first === 0) line.length = Math.min(line.length, this.column);
    else if (final === "K" && first === 2) line.length = 0;
    else if (final === "K") for (let i = 0; i < this.column && i < line.length; i++) line[i] = { text: " ", style: "" };
    else if (final === "A") this.row = Math.max(0, this.row - count);
    else if (final === "B") this.row = Math.min(this.lines.length - 1, this.row + count);
    else if (final === "C") this.column += count;
    else if (final === "D") this.column = Math.max(0, this.column - count);
    else if (final === "G") this.column = count - 1;
  }
}

function render(line: readonly Character[]): string {
  let text = "";
  let style = "";
  for (const character of line) {
    if (character.style !== style) text += (style === "" ? "" : RESET) + character.style;
    style = character.style;
    text += character.text;
  }
  return style === "" ? text : text + RESET;
}
