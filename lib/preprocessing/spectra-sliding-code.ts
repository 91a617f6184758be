/** The WebAssembly of spectra-sliding.ts: what is done for each block and each frame. */
import {
  add,
  addI32,
  type Code,
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
} from "../core/wasm";

/**
 * Bins computed in one turn: three vectors of real and three of imaginary parts stay in registers; with four of each V8 runs
 * out of them, and it is half as fast. Rows hold a tile's real parts, its imaginary parts, the next tile's real parts ..., and
 * tables of waves, for each tile and each couple of samples, the tile's cosines and then its sines.
 */
export const TILE = 6;
const VECTORS = TILE / 2;
/** Bytes. */
export const DOUBLE = 8;

/** Weighted sums of bins: band m has weights[m * bins + k] for k in first[m] .. end[m] - 1, and zeros elsewhere. */
export interface Bands {
  readonly bins: number;
  readonly weights: Float32Array;
  readonly first: Int32Array;
  readonly end: Int32Array;
}

const move = (pointer: Local, by: number): Code => pointer.set(addI32(pointer.get, i32(by)));

/**
 * share(phases, row): the folded block's sums over all bins, turned by exp(-i phase), into a row.
 * @param waves address of a table of the couples' waves, see TILE.
 */
export function shareBody(folded: number, waves: number, tiles: number, couples: number): FunctionBody {
  const body = new FunctionBody(2);
  const [phase, row] = body.parameters as [Local, Local];
  const [wave, couple] = [body.local("i32"), body.local("i32")];
  const re = Array.from({ length: VECTORS }, () => body.local("v128"));
  const im = Array.from({ length: VECTORS }, () => body.local("v128"));
  body.do(wave.set(i32(waves)));
  body.repeat(tiles, () => {
    for (const sum of [...re, ...im]) body.do(sum.set(constant(0)));
    body.do(couple.set(i32(folded)));
    // One couple a turn: written out for several, it is slower, for the same reason.
    body.repeat(couples, () => {
      const even = body.keep(loadTwice(couple.get, 0));
      const odd = body.keep(loadTwice(couple.get, DOUBLE));
      re.forEach((sum, v) => {
        body.do(sum.set(add(sum.get, multiply(even, load(wave.get, 16 * v)))));
      });
      im.forEach((sum, v) => {
        body.do(sum.set(add(sum.get, multiply(odd, load(wave.get, TILE * DOUBLE + 16 * v)))));
      });
      body.do(move(couple, 2 * DOUBLE), move(wave, 2 * TILE * DOUBLE));
    });
    // times exp(-i phase)
    for (let v = 0; v < VECTORS; v++) {
      const cos = body.keep(load(phase.get, 16 * v));
      const sin = body.keep(load(phase.get, TILE * DOUBLE + 16 * v));
      const [x, y] = [re[v]!.get, im[v]!.get];
      body.do(
        store(row.get, 16 * v, add(multiply(x, cos), multiply(y, sin))),
        store(row.get, TILE * DOUBLE + 16 * v, subtract(multiply(y, cos), multiply(x, sin))),
      );
    }
    body.do(move(phase, 2 * TILE * DOUBLE), move(row, 2 * TILE * DOUBLE));
  });
  return body;
}

/** addRow(to, row): adds a row to another. */
export function addRowBody(width: number): FunctionBody {
  const body = new FunctionBody(2);
  const [to, row] = body.parameters as [Local, Local];
  body.repeat((2 * width) / TILE, () => {
    for (let v = 0; v < VECTORS; v++) body.do(store(to.get, 16 * v, add(load(to.get, 16 * v), load(row.get, 16 * v))));
    body.do(move(to, TILE * DOUBLE), move(row, TILE * DOUBLE));
  });
  return body;
}

/** Where {@link frameBody} finds and leaves things. */
export interface FrameAddresses {
  /** The row that is added to the frame's. */
  prefix: number;
  /** Room for 2 (width + 4) doubles behind one more. */
  sum: number;
  squares: number;
  /** The bands' sums. */
  sums: number;
  /** Weights of {@link packedWeights}. */
  weights: number;
}

/** frame(row, turn): the squares of the bins of a row plus the prefix, tapered, and their sums over the bands. */
export function frameBody(
  { prefix, sum, squares, sums, weights }: FrameAddresses,
  width: number,
  bands: Bands,
): FunctionBody {
  const body = new FunctionBody(2);
  const [row, turn] = body.parameters as [Local, Local];
  const at = body.local("i32");
  const imaginary = (width + 4) * DOUBLE;
  // The frame's bins: real parts in order, then imaginary parts.
  const before = body.local("i32");
  body.do(at.set(i32(sum)), before.set(i32(prefix)));
  body.repeat(width / TILE, () => {
    for (let v = 0; v < VECTORS; v++) {
      for (const [from, to] of [
        [16 * v, 16 * v],
        [TILE * DOUBLE + 16 * v, imaginary + 16 * v],
      ] as const)
        body.do(store(at.get, to, add(load(row.get, from), load(before.get, from))));
    }
    body.do(move(at, TILE * DOUBLE), move(row, 2 * TILE * DOUBLE), move(before, 2 * TILE * DOUBLE));
  });
  // Bin -1 is the conjugate of bin 1.
  const start = i32(sum - DOUBLE);
  const zero = body.keep(constant(0));
  body.do(
    storeLane(start, 0, load(start, DOUBLE), 1),
    storeLane(start, imaginary, subtract(zero, load(start, imaginary + DOUBLE)), 1),
  );
  const cos = body.keep(loadTwice(turn.get, 0));
  const sin = body.keep(loadTwice(turn.get, DOUBLE));
  const half = body.keep(constant(0.5));
  const out = body.local("i32");
  body.do(at.set(start), out.set(i32(squares)));
  body.repeat(width / 2, () => {
    const [a, b, c] = [0, 1, 2].map((k) => body.keep(load(at.get, k * DOUBLE))) as [Code, Code, Code];
    const [d, e, f] = [0, 1, 2].map((k) => body.keep(load(at.get, imaginary + k * DOUBLE))) as [Code, Code, Code];
    const re = body.keep(
      subtract(multiply(half, b), subtract(multiply(cos, add(a, c)), multiply(sin, subtract(f, d)))),
    );
    const im = body.keep(subtract(multiply(half, e), add(multiply(cos, add(d, f)), multiply(sin, subtract(c, a)))));
    body.do(store(out.get, 0, add(multiply(re, re), multiply(im, im))), move(at, 16), move(out, 16));
  });
  let weight = weights;
  const memory = i32(0);
  couplesOf(bands).forEach(({ first, length }, couple) => {
    let total: Code = constant(0);
    for (let j = 0; j < length; j++, weight += 16) {
      const [a, b] = first.map((bin) => squares + (bin + j) * DOUBLE) as [number, number];
      const both = b === a + DOUBLE ? load(memory, a) : loadLane(memory, b, loadTwice(memory, a), 1);
      total = add(total, multiply(both, load(memory, weight)));
    }
    body.do(store(memory, sums + 16 * couple, total));
  });
  return body;
}

/** Bands two at a time: the first bin of either and how many bins both are given, within the bins there are. */
function couplesOf({ first, end }: Bands): { first: [number, number]; length: number }[] {
  const top = end.reduce((most, each) => Math.max(most, each), 1);
  return Array.from({ length: Math.ceil(first.length / 2) }, (_, couple) => {
    const [a, b] = [2 * couple, Math.min(2 * couple + 1, first.length - 1)] as const;
    const length = Math.max(end[a]! - first[a]!, end[b]! - first[b]!);
    return { first: [Math.min(first[a]!, top - length), Math.min(first[b]!, top - length)], length };
  });
}

/** The weights in the order in which {@link frameBody} reads them. */
export function packedWeights(bands: Bands): Float64Array {
  const { bins, weights, first } = bands;
  return Float64Array.from(
    couplesOf(bands).flatMap(({ first: from, length }, couple) =>
      Array.from({ length }, (_, j) =>
        from.map((bin, lane) => {
          const band = 2 * couple + lane;
          return band < first.length ? weights[band * bins + bin + j]! : 0;
        }),
      ).flat(),
    ),
  );
}
