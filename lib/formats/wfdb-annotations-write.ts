/** Writing WFDB annotation files in the MIT format, as wfdb-annotations.ts reads them. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { quoted } from "./text";
import { type WfdbAnnotation, WfdbCode, WfdbTable, wfdbSymbol } from "./wfdb-annotations";

/** What a file keeps of an annotation; 0 and no text where left out. */
export type WfdbAnnotationToWrite = Pick<WfdbAnnotation, "sample" | "symbol"> &
  Partial<Pick<WfdbAnnotation, "subtype" | "channel" | "num" | "aux">>;

/** The first code that WFDB leaves to files. */
const FIRST_FREE = 42;
/** The longest interval that an annotation holds by itself. */
const LONGEST_INTERVAL = 1023;

/**
 * Writes annotations in the order given. Symbols that WFDB does not know are defined in the file.
 * @param options.timeResolution ticks per second in which samples count, where that is not the record's frame rate.
 * @throws SignalbookError for a value that the format cannot hold, naming the annotation.
 */
export function writeWfdbAnnotations(
  path: string,
  annotations: readonly WfdbAnnotationToWrite[],
  options: { timeResolution?: number } = {},
): void {
  const { timeResolution } = options;
  if (timeResolution !== undefined && !(timeResolution > 0 && Number.isFinite(timeResolution)))
    throw new SignalbookError("a time resolution out of range", {
      file: path,
      found: String(timeResolution),
      expected: "more than 0 ticks per second",
    });
  const codes = new Map<string, number>();
  for (let code = 1; code <= WfdbCode.Highest; code++) codes.set(wfdbSymbol(code), code);
  const own = defineOwn(path, annotations, codes);
  const notes = [
    ...(timeResolution === undefined ? [] : [`${WfdbTable.resolution}${timeResolution}`]),
    ...(own.length === 0 ? [] : [WfdbTable.begin, ...own, WfdbTable.end]),
  ];
  const bytes: number[] = [];
  const word = (code: number, value: number): void => {
    bytes.push(value & 0xff, (code << 2) | ((value >> 8) & 3));
  };
  const skip = (interval: number): void => {
    word(WfdbCode.Skip, 0);
    bytes.push((interval >> 16) & 0xff, (interval >> 24) & 0xff, interval & 0xff, (interval >> 8) & 0xff);
  };
  const text = (aux: string): void => {
    word(WfdbCode.Aux, aux.length);
    bytes.push(...Buffer.from(aux, "latin1"), ...(aux.length % 2 === 1 ? [0] : []));
  };
  for (const note of notes) {
    word(WfdbCode.Note, 0);
    text(note);
  }
  const first = annotations[0];
  if (notes.length > 0 || first?.aux?.startsWith("##") === true) {
    // As the WFDB library ends its table: something at time 0 that is no note, so that no first note is taken for one.
    skip(-1);
    word(0, 1);
  }
  let [sample, channel, num] = [0, 0, 0];
  annotations.forEach((annotation, i) => {
    checkFields(path, annotation, i, sample);
    const interval = annotation.sample - sample;
    const short = interval >= 0 && interval <= LONGEST_INTERVAL;
    if (!short) skip(interval);
    word(codes.get(annotation.symbol)!, short ? interval : 0);
    sample = annotation.sample;
    const { subtype = 0, aux = "" } = annotation;
    // A channel and a num hold until the next change.
    if ((annotation.num ?? 0) !== num) word(WfdbCode.Num, (annotation.num ?? 0) & 0xff);
    if (subtype !== 0) word(WfdbCode.Subtype, subtype & 0xff);
    if ((annotation.channel ?? 0) !== channel) word(WfdbCode.Channel, annotation.channel ?? 0);
    if (aux !== "") text(aux);
    [channel, num] = [annotation.channel ?? 0, annotation.num ?? 0];
  });
  writeFileAtomic(path, Uint8Array.from([...bytes, 0, 0]));
}

/** Gives symbols that WFDB does not know a code, in `codes`, and returns the lines that define them. */
function defineOwn(path: string, annotations: readonly WfdbAnnotationToWrite[], codes: Map<string, number>): string[] {
  const symbols = [...new Set(annotations.map(({ symbol }) => symbol))];
  const own = symbols.filter((symbol) => !codes.has(symbol));
  const taken = new Set(symbols.map((symbol) => codes.get(symbol)));
  const free: number[] = [];
  for (let code = FIRST_FREE; code <= WfdbCode.Highest; code++) if (!taken.has(code)) free.push(code);
  if (own.length > free.length)
    throw new SignalbookError("too many symbols that WFDB does not know", {
      file: path,
      found: own.map(quoted).join(", "),
      expected: `${free.length} at most`,
    });
  return own.map((symbol, i) => {
    if (!/^[!-~]{1,40}$/.test(symbol))
      throw new SignalbookError("a symbol that cannot be written", {
        file: path,
        found: quoted(symbol),
        expected: "1 to 40 ASCII letters or signs without blanks",
      });
    codes.set(symbol, free[i]!);
    // Code, symbol, description: WFDB-Python reads no definition without one.
    return `${free[i]} ${symbol} ${symbol}`;
  });
}

function checkFields(path: string, annotation: WfdbAnnotationToWrite, index: number, before: number): void {
  const { sample, subtype = 0, channel = 0, num = 0, aux = "" } = annotation;
  const check = (name: string, value: number, low: number, high: number): void => {
    if (Number.isInteger(value) && value >= low && value <= high) return;
    throw new SignalbookError(`${name} out of range`, {
      file: path,
      place: `annotation ${index + 1}`,
      found: String(value),
      expected: `an integer in ${low} .. ${high}`,
    });
  };
  check("an interval between samples", sample - before, -(2 ** 31) + 1, 2 ** 31 - 1);
  check("a subtype", subtype, -128, 127);
  check("a channel", channel, 0, 255);
  check("a num", num, -128, 127);
  check("the length of an auxiliary text", aux.length, 0, 255);
  const strange = [...aux].find((letter) => letter === "\0" || letter > "\u00ff");
  if (strange !== undefined)
    throw new SignalbookError("a letter that cannot be written", {
      file: path,
      place: `annotation ${index + 1}`,
      found: quoted(strange),
      expected: "letters of Latin-1",
    });
}
