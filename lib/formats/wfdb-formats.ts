/**
 * The storage formats of WFDB signal files, samples to bytes and back:
 * https://physionet.org/physiotools/wag/signal-5.htm. The signals of one file follow each other sample by sample,
 * frame by frame; here they are one row of integers.
 */

/** Decoded samples: 32 bits where 16 would not hold them. */
export type StoredSamples = Int16Array | Int32Array;

export interface WfdbFormat {
  /** The range of a sample. */
  minimum: number;
  maximum: number;
  /** The sample that means "none here"; null where the format has no such value. */
  missing: number | null;
  /** Format 8: what is stored is a sample's difference from the signal's sample before. */
  differences: boolean;
  /** Bytes in which `count` samples lie. */
  bytesOf(count: number): number;
  /** How many samples so many bytes hold. */
  samplesIn(bytes: number): number;
  /** Reads `count` samples from `offset` on; the caller has seen that the bytes are there. */
  decode(bytes: Uint8Array, offset: number, count: number): StoredSamples;
  /** Samples within the range, as the WFDB library would write them. */
  encode(samples: ArrayLike<number>): Uint8Array;
}

/** Samples of whole bytes, two's complement and low byte first unless said otherwise. */
function wholeBytes(size: number, how: { highFirst?: boolean; offsetBinary?: boolean } = {}): WfdbFormat {
  const { highFirst = false, offsetBinary = false } = how;
  const shift = 32 - 8 * size;
  const minimum = -(2 ** (8 * size - 1));
  // Offset binary is two's complement with the highest bit turned over.
  const flip = offsetBinary ? 1 << (8 * size - 1) : 0;
  return {
    minimum,
    maximum: -minimum - 1,
    missing: minimum,
    differences: false,
    bytesOf: (count) => count * size,
    samplesIn: (bytes) => Math.floor(bytes / size),
    decode(bytes, offset, count) {
      const samples = size <= 2 ? new Int16Array(count) : new Int32Array(count);
      for (let i = 0, at = offset; i < count; i++, at += size) {
        let raw = 0;
        for (let k = 0; k < size; k++) raw |= bytes[highFirst ? at + size - 1 - k : at + k]! << (8 * k);
        samples[i] = ((raw ^ flip) << shift) >> shift;
      }
      return samples;
    },
    encode(samples) {
      const bytes = new Uint8Array(samples.length * size);
      for (let i = 0, at = 0; i < samples.length; i++, at += size) {
        const raw = samples[i]! ^ flip;
        for (let k = 0; k < size; k++) bytes[highFirst ? at + size - 1 - k : at + k] = raw >> (8 * k);
      }
      return bytes;
    },
  };
}

/** How a group of samples shares a few bytes, which are read as one integer, low byte first. */
interface Packing {
  bits: number;
  /** Samples of a group, and its bytes. */
  samples: number;
  bytes: number;
  /** Bytes in which the first samples of a group lie, by how many there are. */
  tail: readonly number[];
  unpack(word: number, index: number): number;
  /** The bits of the group's integer that hold this sample. */
  pack(value: number, index: number): number;
}

function packed({ bits, samples: group, bytes: groupBytes, tail, unpack, pack }: Packing): WfdbFormat {
  const shift = 32 - bits;
  const minimum = -(2 ** (bits - 1));
  return {
    minimum,
    maximum: -minimum - 1,
    missing: minimum,
    differences: false,
    bytesOf: (count) => Math.floor(count / group) * groupBytes + tail[count % group]!,
    samplesIn(bytes) {
      const left = bytes % groupBytes;
      return Math.floor(bytes / groupBytes) * group + tail.filter((needed) => needed <= left).length - 1;
    },
    decode(bytes, offset, count) {
      const samples = new Int16Array(count);
      for (let i = 0, at = offset; i < count; i += group, at += groupBytes) {
        // Behind the file's last byte there are zeros: a last group may be cut short.
        let word = 0;
        for (let k = 0; k < groupBytes; k++) word |= (bytes[at + k] ?? 0) << (8 * k);
        const inGroup = Math.min(group, count - i);
        for (let k = 0; k < inGroup; k++) samples[i + k] = (unpack(word, k) << shift) >> shift;
      }
      return samples;
    },
    encode(samples) {
      // Two bytes at a time, as the WFDB library writes: its older versions read a last group no other way.
      const left = tail[samples.length % group]!;
      const bytes = new Uint8Array(Math.floor(samples.length / group) * groupBytes + left + (left % 2));
      for (let i = 0, at = 0; i < samples.length; i += group, at += groupBytes) {
        let word = 0;
        for (let k = 0; k < group && i + k < samples.length; k++) word |= pack(samples[i + k]!, k);
        for (let k = 0; k < groupBytes; k++) bytes[at + k] = word >> (8 * k);
      }
      return bytes;
    },
  };
}

/** 12 bits, two in three bytes: the middle byte holds the four high bits of both. */
const format212 = packed({
  bits: 12,
  samples: 2,
  bytes: 3,
  tail: [0, 2],
  unpack: (word, index) => (index === 0 ? word : ((word >> 4) & 0xf00) | ((word >> 16) & 0xff)),
  pack: (value, index) => (index === 0 ? value & 0xfff : ((value & 0xf00) << 4) | ((value & 0xff) << 16)),
});

/** 10 bits, three in two 16-bit words: above an unused bit each word has a sample, and above that half of the third. */
const format310 = packed({
  bits: 10,
  samples: 3,
  bytes: 4,
  tail: [0, 2, 4],
  unpack: (word, index) =>
    index < 2 ? word >>> (16 * index + 1) : ((word >>> 11) & 0x1f) | (((word >>> 27) & 0x1f) << 5),
  pack: (value, index) =>
    index < 2 ? (value & 0x3ff) << (16 * index + 1) : ((value & 0x1f) << 11) | (((value >> 5) & 0x1f) << 27),
});

/** 10 bits, three one above the other in a 32-bit word whose two highest bits are unused. */
const format311 = packed({
  bits: 10,
  samples: 3,
  bytes: 4,
  tail: [0, 2, 3],
  unpack: (word, index) => word >>> (10 * index),
  pack: (value, index) => (value & 0x3ff) << (10 * index),
});

/** By number, as headers name them. Format 0, a signal without samples, is not among them. */
export const WFDB_FORMATS: ReadonlyMap<number, WfdbFormat> = new Map([
  [8, { ...wholeBytes(1), minimum: -(2 ** 31), maximum: 2 ** 31 - 1, missing: null, differences: true }],
  [16, wholeBytes(2)],
  [24, wholeBytes(3)],
  [32, wholeBytes(4)],
  [61, wholeBytes(2, { highFirst: true })],
  [80, wholeBytes(1, { offsetBinary: true })],
  [160, wholeBytes(2, { offsetBinary: true })],
  [212, format212],
  [310, format310],
  [311, format311],
]);
