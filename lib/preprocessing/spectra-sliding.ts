/**
 * Squared magnitudes of Hann-tapered frames, where only the lowest bins are wanted and the hop divides the frame: then a frame
 * is a row of blocks of one hop, each block's share in the bins is computed once, and frames are sums of shares. Hann's taper
 * is applied afterwards, to the bins, as the mixture of neighbours that it is. Written as WebAssembly.
 */
import { compileWasm } from "../core/wasm";
import type { Samples } from "./spectra-frames";
import { addRowBody, type Bands, DOUBLE, frameBody, packedWeights, shareBody, TILE } from "./spectra-sliding-code";

/**
 * Whether this way is cheaper than a transform of every frame: by the work of either, and by how long frames of 200 to 4000
 * samples took.
 */
export function slidingPays(points: number, hop: number, bins: number): boolean {
  if (points % hop !== 0 || points === hop || bins >= points / 2) return false;
  return bins * hop <= 0.7 * points * Math.log2(points);
}

/**
 * For starts 0, hop, 2 hop ..., as long as frames are whole: the sums over the bands of
 * |sum of hann[n] x[start + n] exp(-2 pi i k n / points)|^2.
 * @param out [frames, bands], row-major.
 */
export function slidingBands(
  samples: Samples,
  { points, hop }: { points: number; hop: number },
  bands: Bands,
  out: Float64Array,
): void {
  const kernel = kernelFor(points, hop, bands);
  const { blocks, rowBytes, folded, prefix, sums, phases, turns } = kernel;
  let [filling, complete] = kernel.groups;
  const count = Math.floor(samples.length / hop);
  for (let block = 0; block < count; block++) {
    const place = block % blocks;
    if (place === 0) prefix.fill(0);
    fold(samples, block * hop, hop, folded);
    const row = filling + place * rowBytes;
    kernel.share(phases + place * rowBytes, row);
    if (block + 1 < blocks) continue;
    if (place + 1 < blocks) {
      kernel.addRow(prefix.byteOffset, row);
    } else {
      // From here on a row holds the sum from its block to the group's last: frames are sums, without differences.
      for (let i = blocks - 2; i >= 0; i--) kernel.addRow(filling + i * rowBytes, filling + (i + 1) * rowBytes);
      [filling, complete] = [complete, filling];
      prefix.fill(0);
    }
    const frame = block + 1 - blocks;
    const rest = frame % blocks;
    kernel.frame(complete + rest * rowBytes, turns + rest * 2 * DOUBLE);
    out.set(sums, frame * sums.length);
  }
}

/** Sums and differences of samples that lie alike on either side of the block's middle. */
function fold(samples: Samples, start: number, hop: number, folded: Float64Array): void {
  let at = 0;
  for (let n = start, twin = start + hop - 1; n <= twin; n++, twin--) {
    const a = samples[n]!;
    const b = n === twin ? 0 : samples[twin]!;
    folded[at++] = a + b;
    folded[at++] = a - b;
  }
}

interface Kernel {
  /** Blocks a frame. */
  blocks: number;
  /** The block to be added: sum and difference of each couple of samples. */
  folded: Float64Array;
  /** The shares of the blocks of the group that is filling, added up. */
  prefix: Float64Array;
  /** A frame's result. */
  sums: Float64Array;
  /** Addresses of two groups of rows, of the rows of phases and of the frames' turns. */
  groups: [number, number];
  phases: number;
  turns: number;
  rowBytes: number;
  /** The folded block's share in each bin, turned by the phases of its place, into a row. */
  share(phases: number, row: number): void;
  /** Adds a row to another. */
  addRow(to: number, row: number): void;
  /** The sums over the bands of the squares of a row plus the prefix. */
  frame(row: number, turn: number): void;
}

/** Kernels are kept with the bands they were made for, for a few lengths and hops. */
const KEPT_HOPS = 2;
const kernels = new WeakMap<Bands, Map<string, Kernel>>();

function kernelFor(points: number, hop: number, bands: Bands): Kernel {
  let ofBands = kernels.get(bands);
  if (ofBands === undefined) {
    ofBands = new Map();
    kernels.set(bands, ofBands);
  }
  const key = `${points}/${hop}`;
  let kernel = ofBands.get(key);
  if (kernel === undefined) {
    if (ofBands.size >= KEPT_HOPS) ofBands.clear();
    kernel = makeKernel(points, hop, bands);
    ofBands.set(key, kernel);
  }
  return kernel;
}

function makeKernel(points: number, hop: number, bands: Bands): Kernel {
  const bins = bands.end.reduce((most, end) => Math.max(most, end), 1);
  const packed = packedWeights(bands);
  // One more bin than wanted: Hann's taper mixes neighbours.
  const tiles = Math.ceil((bins + 1) / TILE);
  const width = tiles * TILE;
  const blocks = points / hop;
  const couples = Math.ceil(hop / 2);
  const rowBytes = 2 * width * DOUBLE;
  let bytes = 0;
  const take = (count: number): number => {
    const address = bytes;
    bytes += count * DOUBLE;
    return address;
  };
  const at = {
    folded: take(2 * couples),
    waves: take(2 * width * couples),
    prefix: take(2 * width),
    // With room for a neighbour at either end.
    sum: take(2) + 2 * DOUBLE,
    sumEnd: take(2 * (width + 4)),
    squares: take(width),
    sums: take(bands.first.length + 1),
    weights: take(packed.length),
    phases: take(2 * width * blocks),
    turns: take(2 * blocks),
    groups: [take(2 * width * blocks), take(2 * width * blocks)] as [number, number],
  };
  const { memory, functions } = compileWasm(bytes, {
    share: shareBody(at.folded, at.waves, tiles, couples),
    addRow: addRowBody(width),
    frame: frameBody(at, width, bands),
  });
  const view = (address: number, count: number): Float64Array => new Float64Array(memory, address, count);
  view(at.weights, packed.length).set(packed);
  const middle = (hop - 1) / 2;
  fillTiles(view(at.waves, 2 * width * couples), tiles, couples, (k, n) => (k * (middle - n)) / points);
  for (let place = 0; place < blocks; place++) {
    const row = view(at.phases + place * rowBytes, 2 * width);
    fillTiles(row, tiles, 1, (k) => ((k * place) % blocks) / blocks);
    const angle = 2 * Math.PI * (place / blocks - middle / points);
    view(at.turns, 2 * blocks).set([Math.cos(angle) / 4, Math.sin(angle) / 4], 2 * place);
  }
  return {
    blocks,
    folded: view(at.folded, 2 * couples),
    prefix: view(at.prefix, 2 * width),
    sums: view(at.sums, bands.first.length),
    groups: at.groups,
    phases: at.phases,
    turns: at.turns,
    rowBytes,
    share: functions["share"]!,
    addRow: functions["addRow"]!,
    frame: functions["frame"]!,
  };
}

/** cos and sin of 2 pi cycles(k, n), tile after tile of bins k: for each n, a tile's cosines and then its sines. */
function fillTiles(out: Float64Array, tiles: number, rows: number, cycles: (k: number, n: number) => number): void {
  let at = 0;
  for (let tile = 0; tile < tiles; tile++) {
    for (let n = 0; n < rows; n++) {
      for (const wave of [Math.cos, Math.sin])
        for (let k = tile * TILE; k < (tile + 1) * TILE; k++) out[at++] = wave(2 * Math.PI * cycles(k, n));
    }
  }
}
