/**
 * Two real transforms of one length 2^a 3^b 5^c at once, one in each half of a 128-bit vector: Stockham's self-sorting passes
 * of radix 4, 2, 3 and 5 (decimation in frequency), written for the length as WebAssembly. Even lengths are transformed as
 * half as many complex values (Sorensen et al. 1987).
 */
import {
  add,
  addI32,
  type Code,
  compileWasm,
  constant,
  FunctionBody,
  i32,
  type Local,
  load,
  loadLane,
  loadTwice,
  multiply,
  store,
  storeLane,
  subtract,
  subtractI32,
} from "../core/wasm";
import { BUTTERFLIES, type Pair, times } from "./fft-butterflies";
import type { PairTransform } from "./fft-plans";

/** Bytes of a pair of complex values: real parts of both, imaginary parts of both. */
const PAIR = 32;

/** The radices of `length`, 4 before 2; `undefined` when it has a prime factor above 5. */
export function smallRadices(length: number): number[] | undefined {
  const radices: number[] = [];
  let rest = length;
  for (const radix of [4, 2, 3, 5]) {
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  }
  return rest === 1 ? radices : undefined;
}

/** Makes the transform of a length of 2 or more that {@link smallRadices} knows. */
export function vectorTransform(length: number): PairTransform {
  const even = length % 2 === 0;
  const size = even ? length / 2 : length;
  const bins = Math.floor(length / 2) + 1;
  const room = new Room();
  const [input, ...halves] = [0, 0, 0].map(() => room.take(size * PAIR)) as [number, number, number];
  const outputs = [0, 1, 2, 3].map(() => room.take(bins * 8)) as [number, number, number, number];
  const passes = passesOf(size, room);
  const turns = room.take(bins * 16);
  const raw = {
    frames: [room.take(length * 8), room.take(length * 8)] as const,
    shape: room.take(length * 8),
    levels: room.take(16),
  };

  const make = (finish: (body: FunctionBody, end: Finish) => void): FunctionBody => {
    const body = new FunctionBody(0);
    let from = input;
    passes.forEach((pass, i) => {
      const to = halves[i % 2]!;
      emitPass(body, pass, from, to);
      from = to;
    });
    finish(body, { length, size, from, outputs, turns });
    return body;
  };
  const module = compileWasm(room.bytes, {
    taper: taperBody(length, raw, input, even ? 16 : PAIR),
    transform: make((body, end) => emitBins(body, end, storeSpectrum)),
    power: make((body, end) => emitBins(body, end, storePower)),
  });
  for (const { twiddles, radix, groups } of passes)
    fillTwiddles(view(module.memory, twiddles, groups * (radix - 1) * 2), groups, radix);
  const roots = view(module.memory, turns, bins * 2);
  for (let k = 0; k < bins; k++) turn(roots, 2 * k, k, length);
  const at = (i: number): Float64Array => view(module.memory, outputs[i]!, bins);
  return {
    length,
    bins,
    input: view(module.memory, input, size * 4),
    step: even ? 2 : 4,
    frames: [view(module.memory, raw.frames[0], length), view(module.memory, raw.frames[1], length)],
    levels: view(module.memory, raw.levels, 2),
    shape: view(module.memory, raw.shape, length),
    taper: module.functions["taper"]!,
    re: [at(0), at(2)],
    im: [at(1), at(3)],
    squares: [at(0), at(2)],
    transform: module.functions["transform"]!,
    power: module.functions["power"]!,
  };
}

const view = (memory: ArrayBuffer, address: number, length: number): Float64Array =>
  new Float64Array(memory, address, length);

/** The input from two frames: each less its level, times the shape. */
function taperBody(
  length: number,
  { frames, shape, levels }: { frames: readonly [number, number]; shape: number; levels: number },
  input: number,
  step: number,
): FunctionBody {
  const body = new FunctionBody(0);
  const [at, to] = [body.local("i32"), body.local("i32")];
  const level = body.keep(load(i32(levels), 0));
  body.do(at.set(i32(0)), to.set(i32(input)));
  body.repeat(length, () => {
    const both = loadLane(at.get, frames[1], loadTwice(at.get, frames[0]), 1);
    body.do(store(to.get, 0, multiply(subtract(both, level), loadTwice(at.get, shape))));
    body.do(move(at, 8), move(to, step));
  });
  return body;
}

/** Addresses given out one behind the other. */
class Room {
  bytes = 0;
  take(bytes: number): number {
    const address = this.bytes;
    this.bytes += Math.ceil(bytes / 16) * 16;
    return address;
  }
}

/** `groups` times a butterfly over runs of `stride` neighbours, each time with twiddles of its own. */
interface Pass {
  radix: number;
  groups: number;
  stride: number;
  /** Address of the twiddles. */
  twiddles: number;
}

function passesOf(size: number, room: Room): Pass[] {
  let stride = 1;
  return smallRadices(size)!.map((radix) => {
    const groups = size / stride / radix;
    const pass = { radix, groups, stride, twiddles: room.take(groups * (radix - 1) * 16) };
    stride *= radix;
    return pass;
  });
}

/** Puts exp(-2 pi i k / n) at a place. */
function turn(out: Float64Array, at: number, k: number, n: number): void {
  out[at] = Math.cos((2 * Math.PI * k) / n);
  out[at + 1] = -Math.sin((2 * Math.PI * k) / n);
}

function fillTwiddles(out: Float64Array, groups: number, radix: number): void {
  let at = 0;
  for (let p = 0; p < groups; p++) for (let k = 1; k < radix; k++, at += 2) turn(out, at, p * k, groups * radix);
}

const move = (pointer: Local, bytes: number): Code => pointer.set(addI32(pointer.get, i32(bytes)));

function emitPass(body: FunctionBody, { radix, groups, stride, twiddles }: Pass, source: number, target: number): void {
  const [from, to, at] = [body.local("i32"), body.local("i32"), body.local("i32")];
  const butterfly = BUTTERFLIES[radix]!(body);
  body.do(from.set(i32(source)), to.set(i32(target)), at.set(i32(twiddles)));
  const reach = groups * stride * PAIR;
  body.repeat(groups, () => {
    // The last pass has one group, whose twiddles are all 1.
    const turns = Array.from({ length: groups === 1 ? 0 : radix - 1 }, (_, k) => ({
      re: body.keep(loadTwice(at.get, k * 16)),
      im: body.keep(loadTwice(at.get, k * 16 + 8)),
    }));
    body.repeat(stride, () => {
      const values = Array.from({ length: radix }, (_, j) => loadPair(body, from, j * reach));
      butterfly(values).forEach((value, k) => {
        const turned = k === 0 || groups === 1 ? value : times(body, value, turns[k - 1]!);
        const offset = k * stride * PAIR;
        body.do(store(to.get, offset, turned.re), store(to.get, offset + 16, turned.im));
      });
      body.do(move(from, PAIR), move(to, PAIR));
    });
    body.do(move(to, (radix - 1) * stride * PAIR), move(at, (radix - 1) * 16));
  });
}

function loadPair(body: FunctionBody, pointer: Local, offset: number): Pair {
  return { re: body.keep(load(pointer.get, offset)), im: body.keep(load(pointer.get, offset + 16)) };
}

interface Finish {
  length: number;
  size: number;
  /** Address of the complex transform. */
  from: number;
  /** Real part (or squares) and imaginary part of transform 0, then of transform 1. */
  outputs: readonly [number, number, number, number];
  /** Address of exp(-2 pi i k / length). */
  turns: number;
}

/** Writes a coefficient of both transforms at `pointer` (bytes from each output's start) plus `offset`. */
type Store = (body: FunctionBody, outputs: Finish["outputs"], pointer: Local, value: Pair) => void;

const storeSpectrum: Store = (body, [re0, im0, re1, im1], pointer, { re, im }) => {
  const [keptRe, keptIm] = [body.keep(re), body.keep(im)];
  body.do(
    storeLane(pointer.get, re0, keptRe, 0),
    storeLane(pointer.get, re1, keptRe, 1),
    storeLane(pointer.get, im0, keptIm, 0),
    storeLane(pointer.get, im1, keptIm, 1),
  );
};

const storePower: Store = (body, [squares0, , squares1], pointer, { re, im }) => {
  const [keptRe, keptIm] = [body.keep(re), body.keep(im)];
  const squares = body.keep(add(multiply(keptRe, keptRe), multiply(keptIm, keptIm)));
  body.do(storeLane(pointer.get, squares0, squares, 0), storeLane(pointer.get, squares1, squares, 1));
};

/** From the complex transform to the real ones' coefficients. */
function emitBins(body: FunctionBody, { length, size, from, outputs, turns }: Finish, write: Store): void {
  const [up, out] = [body.local("i32"), body.local("i32")];
  body.do(up.set(i32(from)), out.set(i32(0)));
  if (size === length) {
    body.repeat((length + 1) / 2, () => {
      write(body, outputs, out, loadPair(body, up, 0));
      body.do(move(up, PAIR), move(out, 8));
    });
    return;
  }
  const [down, outDown, at] = [body.local("i32"), body.local("i32"), body.local("i32")];
  const zero = body.keep(constant(0));
  const half = body.keep(constant(0.5));
  // Frequency 0 and half the sampling rate: the sum and the difference of the first value's parts.
  const first = loadPair(body, up, 0);
  body.do(outDown.set(i32(size * 8)));
  write(body, outputs, out, { re: add(first.re, first.im), im: zero });
  write(body, outputs, outDown, { re: subtract(first.re, first.im), im: zero });
  if (size === 1) return;
  body.do(down.set(i32(from + size * PAIR)), at.set(i32(turns)));
  const back = (pointer: Local, bytes: number): Code => pointer.set(subtractI32(pointer.get, i32(bytes)));
  body.repeat(Math.floor(size / 2), () => {
    body.do(move(up, PAIR), move(out, 8), move(at, 16), back(down, PAIR), back(outDown, 8));
    const a = loadPair(body, up, 0);
    const b = loadPair(body, down, 0);
    const sum = {
      re: body.keep(multiply(half, add(a.re, b.re))),
      im: body.keep(multiply(half, subtract(a.im, b.im))),
    };
    // -i/2 (a - conj b)
    const apart = { re: multiply(half, add(a.im, b.im)), im: multiply(half, subtract(b.re, a.re)) };
    const turned = times(body, apart, {
      re: body.keep(loadTwice(at.get, 0)),
      im: body.keep(loadTwice(at.get, 8)),
    });
    const odd = { re: body.keep(turned.re), im: body.keep(turned.im) };
    write(body, outputs, out, { re: add(sum.re, odd.re), im: add(sum.im, odd.im) });
    write(body, outputs, outDown, { re: subtract(sum.re, odd.re), im: subtract(odd.im, sum.im) });
  });
}
