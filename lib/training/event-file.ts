/**
 * Event files, as TensorBoard reads them: records (tfrecord.ts) of protocol buffer messages. The few fields that scalars
 * take (tensorflow/core/util/event.proto, framework/summary.proto):
 * Event {1 wall_time: double, 2 step: int64, 3 file_version: string, 5 summary: Summary, 7 session_log: SessionLog}
 * Summary {1 value: repeated Value}, Value {1 tag: string, 2 simple_value: float}
 * SessionLog {1 status: enum; START is 1}
 */
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { encodeRecord } from "../formats/tfrecord";

const NAME = /^events\.out\.tfevents\.(\d{10})\./;

/** A run's scalars in a folder of event files. Each record is in the file when the call that writes it returns. */
export class EventFile {
  readonly file: string;

  /**
   * Begins a file of its own behind those that the folder holds: readers take them in the order of their names.
   * @param fromStep null: a new run, which makes readers forget what older files say. Else they forget what lies behind
   *   this step: it belongs to steps that are run again.
   */
  constructor(folder: string, fromStep: number | null) {
    mkdirSync(folder, { recursive: true });
    const older = readdirSync(folder).map((name) => Number(NAME.exec(name)?.[1] ?? 0));
    const second = Math.max(Math.floor(Date.now() / 1000), ...older.map((time) => time + 1));
    const name = `events.out.tfevents.${String(second).padStart(10, "0")}.${hostname()}.${process.pid}.0`;
    this.file = join(folder, name);
    writeFileSync(this.file, "", { flag: "wx" });
    // Before version 2, readers guess from steps that go back instead of trusting the session's start.
    this.append({ step: 0, body: text(3, "brain.Event:2") });
    const firstStep = fromStep === null ? 0 : fromStep + 1;
    this.append({ step: firstStep, body: message(7, tagged(1, VARINT), varint(SESSION_START)) });
  }

  /** Appends values by tag, in one record. `step`: steps done since the start of the run. */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    const entries = Object.entries(values).map(([tag, value]) =>
      message(1, text(1, tag), tagged(2, FIXED32), float32(value)),
    );
    this.append({ step, body: message(5, ...entries) });
  }

  private append({ step, body }: { step: number; body: Uint8Array }): void {
    const at = step === 0 ? [] : [tagged(2, VARINT), varint(step)]; // 0 is what readers take where there is none
    const event = [tagged(1, FIXED64), float64(Date.now() / 1000), ...at, body];
    appendFileSync(this.file, encodeRecord(Buffer.concat(event)));
  }
}

const SESSION_START = 1;

// How protocol buffers lay values out (https://protobuf.dev/programming-guides/encoding).
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

function tagged(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new SignalbookError("a number that an event file cannot hold here", {
      found: String(value),
      expected: "an integer, 0 or more",
    });
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

function message(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  return Buffer.concat([tagged(field, LENGTH), varint(body.length), body]);
}

function text(field: number, value: string): Uint8Array {
  return message(field, Buffer.from(value, "utf8"));
}

function float32(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

function float64(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}
