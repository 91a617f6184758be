/**
 * The one source of chance: MT19937, with NumPy's legacy streams (`numpy.random.RandomState(seed)`), so that splits
 * and draws can be compared with the peers' number for number.
 */
import { SignalbookError } from "./errors";

const STATE_WORDS = 624;
const SHIFT = 397;

/** A generator's whole state, for checkpoints. Plain JSON. */
export interface GeneratorState {
  words: number[];
  position: number;
  /** The second normal of the last pair drawn by the polar method, if not used yet. */
  spareNormal: number | null;
}

export class Generator {
  private readonly words = new Uint32Array(STATE_WORDS);
  private position = STATE_WORDS;
  private spareNormal: number | null = null;

  /** @param seed an integer in 0 .. 2^32 - 1. Same seed, same numbers. */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
      throw new SignalbookError("a seed out of range", {
        found: String(seed),
        expected: "an integer in 0 .. 4294967295",
      });
    this.words[0] = seed;
    for (let i = 1; i < STATE_WORDS; i++) {
      const previous = this.words[i - 1]! ^ (this.words[i - 1]! >>> 30);
      this.words[i] = (Math.imul(previous, 1812433253) + i) >>> 0;
    }
  }

  /** The next 32 random bits, as an unsigned integer. */
  uint32(): number {
    if (this.position >= STATE_WORDS) this.twist();
    let y = this.words[this.position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Uniform in [0, 1) with 53 random bits. */
  random(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** An integer in 0 .. bound - 1, every one equally likely (masked rejection, as NumPy's shuffle does). */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 0x100000000)
      throw new SignalbookError("a bound out of range", {
        found: String(bound),
        expected: "an integer in 1 .. 4294967296",
      });
    const max = bound - 1;
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    let value = (this.uint32() & mask) >>> 0;
    while (value > max) value = (this.uint32() & mask) >>> 0;
    return value;
  }

  /** Standard normal, by the polar method (NumPy's legacy `standard_normal`). */
  normal(): number {
    if (this.spareNormal !== null) {
      const spare = this.spareNormal;
      this.spareNormal = null;
      return spare;
    }
    for (;;) {
      const x = 2 * this.random() - 1;
      const y = 2 * this.random() - 1;
      const r2 = x * x + y * y;
      if (r2 >= 1 || r2 === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(r2)) / r2);
      this.spareNormal = factor * x;
      return factor * y;
    }
  }

  /** Shuffles in place (Fisher-Yates from the end, as `RandomState.shuffle`). */
  shuffle<T extends { [index: number]: unknown; length: number }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }

  /** 0 .. n - 1 in random order. */
  permutation(n: number): Int32Array {
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i));
  }

  /** A new generator seeded from this one: independent draws for a part that may be drawn in any order. */
  fork(): Generator {
    return new Generator(this.uint32());
  }

  /** The state, to be restored with {@link Generator.restore}. */
  state(): GeneratorState {
    return { words: Array.from(this.words), position: this.position, spareNormal: this.spareNormal };
  }

  /** A generator that goes on exactly where `state` was taken. */
  static restore(state: GeneratorState): Generator {
    const generator = new Generator(0);
    generator.words.set(state.words);
    generator.position = state.position;
    generator.spareNormal = state.spareNormal;
    return generator;
  }

  private twist(): void {
    const w = this.words;
    // In three stretches, so that no index is taken modulo the state's length.
    let i = 0;
    for (; i < STATE_WORDS - SHIFT; i++) w[i] = w[i + SHIFT]! ^ twisted(w[i]!, w[i + 1]!);
    for (; i < STATE_WORDS - 1; i++) w[i] = w[i + SHIFT - STATE_WORDS]! ^ twisted(w[i]!, w[i + 1]!);
    w[i] = w[SHIFT - 1]! ^ twisted(w[i]!, w[0]!);
    this.position = 0;
  }
}

/** The upper bit of one word and the lower ones of the next, shifted and, where odd, mixed. */
function twisted(upper: number, lower: number): number {
  const y = (upper & 0x80000000) | (lower & 0x7fffffff);
  return (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
}
