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
  kernel ??= makeKernel();
  const { chunk, limits, run } = kernel;
  const highest = highestOf(power, kernel);
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

/** @throws SignalbookError for a value that is not finite. */
function highestOf(power: Float64Array, { chunk, limits, scan }: Kernel): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let start = 0; start < power.length; start += CHUNK) {
    const part = power.subarray(start, start + CHUNK);
    chunk.set(part);
    chunk.fill(part[0]!, part.length);
    scan();
    const [a, b, c, d] = limits as unknown as [number, number, number, number];
    if (c + d !== 0) throw notFinite(power, start);
    most = Math.max(most, a, b);
  }
  return most;
}

function notFinite(power: Float64Array, start: number): SignalbookError {
  const at = power.findIndex((value, i) => i >= start && !Number.isFinite(value));
  return new SignalbookError("a power that is no finite number", {
    place: `value ${at}`,
    found: String(power[at]),
    expected: "finite values",
  });
}

/** Values at a time. */
const CHUNK = 2048;

interface Kernel {
  /** Powers, and after `run` decibels. */
  chunk: Float64Array;
  /** For `run`: the least power, what is subtracted, and the lowest value. From `scan`: four numbers. */
  limits: Float64Array;
  run(): void;
  /** The highest values at even and at odd places, and the sums of value - value there: 0 where all are finite. */
  scan(): void;
}

let kernel: Kernel | undefined;

function makeKernel(): Kernel {
  const { memory, functions } = compileWasm(LIMITS + 32, { run: runBody(), scan: scanBody() });
  return {
    chunk: new Float64Array(memory, 0, CHUNK),
    limits: new Float64Array(memory, LIMITS, 4),
    run: functions["run"]!,
    scan: functions["scan"]!,
  };
}

/** Address of the limits, behind the chunk. */
const LIMITS = CHUNK * 8;

function runBody(): FunctionBody {
  const body = new FunctionBody(0);
  const at = body.local("i32");
  const [least, zero, lowest] = [0, 8, 16].map((offset) => body.keep(loadTwice(i32(LIMITS), offset))) as [
    Code,
    Code,
    Code,
  ];
  body.do(at.set(i32(0)));
  body.repeat(CHUNK / 2, () => {
    const decibels = logarithm(body, greater(load(at.get, 0), least));
    body.do(store(at.get, 0, greater(subtract(decibels, zero), lowest)), at.set(addI32(at.get, i32(16))));
  });
  return body;
}

function scanBody(): FunctionBody {
  const body = new FunctionBody(0);
  const at = body.local("i32");
  const most = [0, 16].map((offset) => ({ offset, local: body.local("v128") }));
  const odd = most.map(({ offset }) => ({ offset, local: body.local("v128") }));
  body.do(at.set(i32(0)));
  for (const { local } of most) body.do(local.set(constant(Number.NEGATIVE_INFINITY)));
  for (const { local } of odd) body.do(local.set(constant(0)));
  body.repeat(CHUNK / 4, () => {
    most.forEach(({ offset, local }, i) => {
      const value = body.keep(load(at.get, offset));
      const { local: sum } = odd[i]!;
      body.do(local.set(greater(local.get, value)), sum.set(add(sum.get, subtract(value, value))));
    });
    body.do(at.set(addI32(at.get, i32(32))));
  });
  const [a, b] = most.map(({ local }) => local.get) as [Code, Code];
  const [c, d] = odd.map(({ local }) => local.get) as [Code, Code];
  body.do(store(i32(LIMITS), 0, greater(a, b)), store(i32(LIMITS), 16, add(c, d)));
  return body;
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
