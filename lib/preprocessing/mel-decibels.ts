/** Power on a logarithmic scale, by librosa's rules. */
import { SignalbookError } from "../core/errors";
import {
  add,
  addBits,
  addI32,
  andBits,
  type Code,
  compileWasm,
  constant,
  constantBits,
  divide,
  FunctionBody,
  greater,
  i32,
  load,
  loadTwice,
  multiply,
  orBits,
  shiftRight,
  store,
  subtract,
} from "../core/wasm";

export interface DecibelOptions {
  /** The power that becomes 0 dB, or "max": the highest there is. Default 1. */
  reference?: number | "max";
  /** Powers (and the reference) below it count as it. Default 1e-10. */
  least?: number;
  /** Values further than this below the highest are raised to that, in dB; null: none are. Default 80. */
  range?: number | null;
}

/**
 * 10 log10(power / reference), never lower than `range` below the highest value.
 * @throws SignalbookError for a power that is not finite, a `least` that is not above 0 and a negative range.
 */
export function powerToDecibels(power: ArrayLike<number>, options: DecibelOptions = {}): Float64Array {
  const decibels = Float64Array.from(power);
  toDecibels(decibels, options);
  return decibels;
}

/** {@link powerToDecibels} in place. */
export function toDecibels(power: Float64Array, options: DecibelOptions = {}): void {
  const { reference = 1, least = 1e-10, range = 80 } = options;
  if (!(least > 1e-300) || !(range === null || range >= 0))
    throw new SignalbookError("a scale of decibels that cannot be", {
      found: `least ${least}, range ${range}`,
      expected: "least above 1e-300, range of 0 or more",
    });
  const highest = highestOf(power);
  kernel ??= makeKernel();
  const { chunk, limits, run } = kernel;
  const level = (value: number): number => {
    limits.set([least, 0, Number.NEGATIVE_INFINITY]);
    chunk[0] = Math.abs(value);
    run();
    return chunk[0]!;
  };
  const zero = level(reference === "max" ? highest : reference);
  const lowest = range === null ? Number.NEGATIVE_INFINITY : level(Math.max(0, highest)) - zero - range;
  limits.set([least, zero, lowest]);
  for (let start = 0; start < power.length; start += CHUNK) {
    const part = power.subarray(start, start + CHUNK);
    chunk.set(part);
    run();
    part.set(part.length === CHUNK ? chunk : chunk.subarray(0, part.length));
  }
}

/** The inverse of {@link powerToDecibels}, where nothing was raised: reference 10^(dB / 10). */
export function decibelsToPower(decibels: ArrayLike<number>, reference = 1): Float64Array {
  return Float64Array.from(decibels, (value) => reference * 10 ** (0.1 * value));
}

function highestOf(power: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < power.length; i++) {
    const value = power[i]!;
    if (value <= most) continue;
    if (!(value <= Number.MAX_VALUE))
      throw new SignalbookError("a power that is no finite number", {
        place: `value ${i}`,
        found: String(value),
        expected: "finite values",
      });
    most = value;
  }
  return most;
}

/** Values at a time. */
const CHUNK = 2048;

interface Kernel {
  /** Powers, and after `run` decibels. */
  chunk: Float64Array;
  /** The least power, what is subtracted, and the lowest value. */
  limits: Float64Array;
  run(): void;
}

let kernel: Kernel | undefined;

function makeKernel(): Kernel {
  const body = new FunctionBody(0);
  const at = body.local("i32");
  const limits = CHUNK * 8;
  const [least, zero, lowest] = [0, 8, 16].map((offset) => body.keep(loadTwice(i32(limits), offset))) as [
    Code,
    Code,
    Code,
  ];
  body.do(at.set(i32(0)));
  body.repeat(CHUNK / 2, () => {
    const decibels = logarithm(body, greater(load(at.get, 0), least));
    body.do(store(at.get, 0, greater(subtract(decibels, zero), lowest)), at.set(addI32(at.get, i32(16))));
  });
  const { memory, functions } = compileWasm(limits + 24, { run: body });
  return {
    chunk: new Float64Array(memory, 0, CHUNK),
    limits: new Float64Array(memory, limits, 3),
    run: functions["run"]!,
  };
}

/**
 * 10 log10 of two normal, positive doubles: x = 2^k m with m within the root of 2 of 1, and the natural logarithm of m is
 * 2 artanh(s) with s = (m - 1) / (m + 1), whose square is below 0.03, by its power series.
 */
function logarithm(body: FunctionBody, x: Code): Code {
  const one = 0x3ff0000000000000n;
  const rootOfHalf = new BigUint64Array(Float64Array.of(Math.SQRT1_2).buffer)[0]!;
  const shifted = body.keep(addBits(x, constantBits(one - rootOfHalf)));
  // The exponent's bits behind those of 2^52 make the double 2^52 + exponent.
  const exponent = orBits(shiftRight(shifted, 52), constantBits(0x4330000000000000n));
  const k = subtract(exponent, constant(2 ** 52 + 1023));
  const m = body.keep(addBits(andBits(shifted, constantBits(0xfffffffffffffn)), constantBits(rootOfHalf)));
  const s = body.keep(divide(subtract(m, constant(1)), add(m, constant(1))));
  const z = body.keep(multiply(s, s));
  const w = body.keep(multiply(z, z));
  // Two short chains of terms instead of a long one: each step waits for the one before.
  const chain = (first: number, last: number): Code => {
    let sum: Code = constant(2 / last);
    for (let n = last - 4; n >= first; n -= 4) sum = add(constant(2 / n), multiply(w, sum));
    return sum;
  };
  const series = add(chain(3, 19), multiply(z, chain(5, 21)));
  const small = add(add(s, s), multiply(multiply(s, z), series));
  return add(multiply(k, constant(10 * Math.log10(2))), multiply(small, constant(10 / Math.LN10)));
}
