/**
 * WFDB annotation files in the MIT format (.atr, .qrs ...): https://physionet.org/physiotools/wag/annot-5.htm
 */
import { SignalbookError } from "../core/errors";
import { quoted, readBytes } from "./text";
import type { Annotation } from "./types";

/** A beat or event. `text` is the symbol, and the auxiliary text after a blank where there is one. */
export interface WfdbAnnotation extends Annotation {
  /** Counted at the record's frame rate, or at the time resolution that the file gives. */
  sample: number;
  /** WFDB's symbol: "N" a normal beat, "V" a premature ventricular contraction, "+" a change of rhythm. */
  symbol: string;
  subtype: number;
  channel: number;
  num: number;
  /** Auxiliary text, such as the rhythm "(AFIB". */
  aux: string;
}

/** Symbols by annotation code, from 1; "_" where WFDB defines none. */
const SYMBOLS = 'N L R a V F J A S E j / Q ~ _ | _ s T * D " = p B ^ t + u ? ! [ ] e n @ x f ( ) r'.split(" ");

/** Codes of beats: the others mark rhythms, signal quality, waves and notes. */
const BEAT_SYMBOLS = new Set("N L R B A a J S V r F e j n E / f Q ?".split(" "));

/** Codes that say something about the clock or the annotation before them. */
export const WfdbCode = { Note: 22, Highest: 49, Skip: 59, Num: 60, Subtype: 61, Channel: 62, Aux: 63 } as const;

/** Notes at the file's beginning that are not annotations but say how to read them. */
export const WfdbTable = {
  resolution: "## time resolution: ",
  begin: "## annotation type definitions",
  end: "## end of definitions",
} as const;

/** Whether the annotation marks a heart beat. */
export function isBeat(annotation: WfdbAnnotation): boolean {
  return BEAT_SYMBOLS.has(annotation.symbol);
}

/** A code's symbol; its number in brackets where WFDB defines none and a file may. */
export function wfdbSymbol(code: number): string {
  const symbol = SYMBOLS[code - 1];
  return symbol === undefined || symbol === "_" ? `[${code}]` : symbol;
}

/** An annotation as the file has it. */
interface Entry {
  at: number;
  code: number;
  sample: number;
  subtype: number;
  channel: number;
  num: number;
  aux: string;
}

/**
 * Reads an annotation file.
 * @param sampleRate of the record, in Hz: the file counts samples, unless it gives a time resolution of its own.
 * @throws SignalbookError for a file that ends without its end mark and for codes that are not defined.
 */
export function readWfdbAnnotations(path: string, sampleRate: number): WfdbAnnotation[] {
  const entries = readEntries(readBytes(path, "WFDB annotations"), path);
  const { resolution, symbols, first } = readTable(entries, path);
  const annotations: WfdbAnnotation[] = [];
  for (const { code, sample, subtype, channel, num, aux } of entries.slice(first)) {
    if (code === 0) continue; // not an annotation: only moves the clock
    const symbol = symbols.get(code) ?? wfdbSymbol(code);
    const onset = sample / (resolution ?? sampleRate);
    const text = aux === "" ? symbol : `${symbol} ${aux}`;
    annotations.push({ onset, duration: null, text, sample, symbol, subtype, channel, num, aux });
  }
  return annotations;
}

function readEntries(bytes: Buffer, path: string): Entry[] {
  const entries: Entry[] = [];
  let sample = 0;
  let position = 0;
  // A subtype holds for one annotation; channel and num hold until the next change.
  let channel = 0;
  let num = 0;
  const need = (count: number): void => {
    if (position + count > bytes.length)
      throw new SignalbookError("a truncated annotation file", {
        file: path,
        place: `byte ${bytes.length}`,
        found: "the file's end",
        expected: "more annotations or the end mark (two zero bytes)",
        fix: "copy or download it again",
      });
  };
  const wrong = (what: string, at: number, found: string, expected: string): SignalbookError =>
    new SignalbookError(what, { file: path, place: `byte ${at}`, found, expected });
  for (;;) {
    need(2);
    const word = bytes.readUInt16LE(position);
    const at = position;
    position += 2;
    if (word === 0) return entries;
    const code = word >> 10;
    const value = word & 0x3ff;
    if (code === WfdbCode.Skip) {
      need(4);
      // A 32-bit count as two 16-bit words, the high one first.
      sample += (bytes.readInt16LE(position) << 16) | bytes.readUInt16LE(position + 2);
      position += 4;
    } else if (code <= WfdbCode.Highest) {
      sample += value;
      entries.push({ at, code, sample, subtype: 0, channel, num, aux: "" });
    } else {
      const last = entries[entries.length - 1];
      if (code < WfdbCode.Skip)
        throw wrong("an annotation code that is not defined", at, String(code), `0 to ${WfdbCode.Highest}`);
      if (last === undefined)
        throw wrong("a modifier without an annotation", at, `code ${code}`, "an annotation before it");
      const signed = ((value & 0xff) << 24) >> 24;
      if (code === WfdbCode.Num) last.num = num = signed;
      else if (code === WfdbCode.Subtype) last.subtype = signed;
      else if (code === WfdbCode.Channel) last.channel = channel = value & 0xff;
      else {
        if (value > 255) throw wrong("an auxiliary text that is too long", at, `${value} bytes`, "255 or fewer");
        need(value);
        last.aux = bytes.toString("latin1", position, position + value).replace(/\0+$/, "");
        position += value + (value % 2);
      }
    }
  }
}

/** The notes at time 0 with which a file gives its time resolution (ticks per second) and symbols of its own. */
function readTable(
  entries: readonly Entry[],
  path: string,
): { resolution: number | null; symbols: Map<number, string>; first: number } {
  const symbols = new Map<number, string>();
  let resolution: number | null = null;
  let defining = false;
  let first = 0;
  for (const { at, code, sample, aux } of entries) {
    if (code !== WfdbCode.Note || sample !== 0) break;
    const wrong = (what: string, expected: string): SignalbookError =>
      new SignalbookError(what, { file: path, place: `byte ${at}`, found: quoted(aux), expected });
    if (aux.startsWith(WfdbTable.resolution)) {
      resolution = Number(aux.slice(WfdbTable.resolution.length));
      if (!(resolution > 0 && Number.isFinite(resolution)))
        throw wrong("a time resolution that cannot be read", "ticks per second");
    } else if (aux === WfdbTable.begin) defining = true;
    else if (aux === WfdbTable.end) defining = false;
    else if (defining) {
      const definition = /^\s*(\d+)\s+(\S+)/.exec(aux);
      if (definition === null || Number(definition[1]) > WfdbCode.Highest)
        throw wrong("a definition that cannot be read", `a code up to ${WfdbCode.Highest} and a symbol`);
      symbols.set(Number(definition[1]), definition[2]!);
    } else if (!aux.startsWith("##")) break; // a note about the recording
    first++;
  }
  return { resolution, symbols, first };
}
