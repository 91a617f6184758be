/**
 * WFDB annotation files in the MIT format (.atr, .qrs ...): https://physionet.org/physiotools/wag/annot-5.htm
 */
import { SignalbookError } from "../core/errors";
import { readBytes } from "./text";
import type { Annotation } from "./types";

/** A beat or event. `text` is the symbol, and the auxiliary text after a blank where there is one. */
export interface WfdbAnnotation extends Annotation {
  /** Sample index at the record's frame rate. */
  sample: number;
  /** WFDB's one-letter symbol: "N" a normal beat, "V" a premature ventricular contraction, "+" a change of rhythm. */
  symbol: string;
  subtype: number;
  channel: number;
  num: number;
  /** Auxiliary text, such as the rhythm "(AFIB". */
  aux: string;
}

/** Symbols by annotation code, from 1. */
const SYMBOLS = 'N L R a V F J A S E j / Q ~ _ | _ s T * D " = p B ^ t + u ? ! [ ] e n @ x f ( ) r'.split(" ");

/** Codes of beats: the others mark rhythms, signal quality, waves and notes. */
const BEAT_SYMBOLS = new Set("N L R B A a J S V r F e j n E / f Q ?".split(" "));

/** Codes that say something about the clock or the annotation before them. */
const Code = { Skip: 59, Num: 60, Subtype: 61, Channel: 62, Aux: 63 } as const;

/** Whether the annotation marks a heart beat. */
export function isBeat(annotation: WfdbAnnotation): boolean {
  return BEAT_SYMBOLS.has(annotation.symbol);
}

/**
 * Reads an annotation file.
 * @param sampleRate of the record, in Hz: the file counts samples.
 * @throws SignalbookError for a file that ends without its end mark and for codes that are not defined.
 */
export function readWfdbAnnotations(path: string, sampleRate: number): WfdbAnnotation[] {
  const bytes = readBytes(path, "WFDB annotations");
  const annotations: WfdbAnnotation[] = [];
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
  for (;;) {
    need(2);
    const word = bytes.readUInt16LE(position);
    const at = position;
    position += 2;
    if (word === 0) return annotations;
    const code = word >> 10;
    const value = word & 0x3ff;
    const last = annotations[annotations.length - 1];
    if (code === Code.Skip) {
      need(4);
      // A 32-bit count as two 16-bit words, the high one first.
      sample += (bytes.readInt16LE(position) << 16) | bytes.readUInt16LE(position + 2);
      position += 4;
    } else if (code >= Code.Num) {
      if (last === undefined)
        throw new SignalbookError("a modifier without an annotation", {
          file: path,
          place: `byte ${at}`,
          found: `code ${code}`,
        });
      const signed = (value & 0xff) > 127 ? (value & 0xff) - 256 : value & 0xff;
      if (code === Code.Num) last.num = num = signed;
      else if (code === Code.Subtype) last.subtype = signed;
      else if (code === Code.Channel) last.channel = channel = value & 0xff;
      else {
        need(value);
        last.aux = bytes.toString("latin1", position, position + value).replace(/\0+$/, "");
        last.text = `${last.symbol} ${last.aux}`;
        position += value + (value % 2);
      }
    } else {
      const symbol = code === 0 ? undefined : SYMBOLS[code - 1];
      sample += value;
      if (code === 0) continue; // NOTQRS: only moves the clock
      if (symbol === undefined || symbol === "_")
        throw new SignalbookError("an annotation code that is not defined", {
          file: path,
          place: `byte ${at}`,
          found: String(code),
          expected: "1 to 41",
        });
      annotations.push({
        onset: sample / sampleRate,
        duration: null,
        text: symbol,
        sample,
        symbol,
        subtype: 0,
        channel,
        num,
        aux: "",
      });
    }
  }
}
