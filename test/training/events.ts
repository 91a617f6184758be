/** A reader of event files for tests, written apart from the writer: any field, sums bit by bit. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface ReadEvent {
  wallTime: number;
  step: number;
  version?: string;
  /** Status of a session log. */
  session?: number;
  scalars: Record<string, number>;
}

type Field = { field: number; value: number | Buffer };

function sum(bytes: Buffer): number {
  let register = 0xffffffffn;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const top = (register ^ BigInt(byte >> bit)) & 1n;
      register = (register >> 1n) ^ (top * 0x82f63b78n);
    }
  const plain = register ^ 0xffffffffn;
  return Number((((plain / 0x8000n + plain * 0x20000n) % 0x100000000n) + 0xa282ead8n) % 0x100000000n);
}

function fields(bytes: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    const width = { 1: 8, 5: 4 }[key % 8];
    if (key % 8 === 0) found.push({ field, value: varint() });
    else {
      const length = width ?? varint();
      if (at + length > bytes.length) throw new Error(`field ${field} beyond the end`);
      found.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return found;
}

/** Whole records of a file; throws on a wrong sum. */
export function readEvents(file: string): ReadEvent[] {
  const bytes = readFileSync(file);
  const events: ReadEvent[] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const end = at + 12 + length;
    if (end + 4 > bytes.length) break; // a record that a killed process left unfinished
    const body = bytes.subarray(at + 12, end);
    if (sum(bytes.subarray(at, at + 8)) !== bytes.readUInt32LE(at + 8)) throw new Error(`length at ${at}`);
    if (sum(body) !== bytes.readUInt32LE(end)) throw new Error(`record at ${at}`);
    events.push(eventOf(body));
    at = end + 4;
  }
  return events;
}

function eventOf(body: Buffer): ReadEvent {
  const event: ReadEvent = { wallTime: Number.NaN, step: 0, scalars: {} };
  for (const { field, value } of fields(body)) {
    if (field === 1) event.wallTime = (value as Buffer).readDoubleLE();
    if (field === 2) event.step = value as number;
    if (field === 3) event.version = value.toString();
    if (field === 7) event.session = fields(value as Buffer).find((part) => part.field === 1)!.value as number;
    if (field !== 5) continue;
    for (const { value: entry } of fields(value as Buffer)) {
      const parts = new Map(fields(entry as Buffer).map((part) => [part.field, part.value]));
      event.scalars[parts.get(1)!.toString()] = (parts.get(2) as Buffer).readFloatLE();
    }
  }
  return event;
}

/** What a reader shows of a folder: files by name, a session's start forgetting what lies at its step or behind. */
export function readScalars(folder: string): Record<string, [step: number, value: number][]> {
  const series: Record<string, [number, number][]> = {};
  for (const name of readdirSync(folder).sort())
    for (const { step, session, scalars } of readEvents(join(folder, name))) {
      if (session === 1)
        for (const tag of Object.keys(series)) series[tag] = series[tag]!.filter(([before]) => before < step);
      for (const [tag, value] of Object.entries(scalars)) {
        series[tag] ??= [];
        series[tag].push([step, value]);
      }
    }
  return series;
}
