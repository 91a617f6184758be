/** Ways to damage a file: what a bad disk, a cut download, a careless editor or a hostile sender does to its bytes. */
import type { Generator } from "../../lib/core/random";

/** Bytes that break parsers: separators, signs, quotes, brackets, ends, and some that are no text. */
const AWKWARD = [0x00, 0x09, 0x0a, 0x0d, 0x14, 0x15, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x39, 0x5b, 0x65, 0x7b, 0xff];
/** Integers at the edges of what fields of 1 to 8 bytes hold. */
const EDGES = [0n, 1n, -1n, 0x7fn, 0x80n, 0x7fffn, 0x8000n, 0x7fffffffn, 0x80000000n, 0x7fffffffffffffffn];
const DIGITS = /[0-9]/;

type Mutation = (bytes: Buffer, random: Generator) => Buffer;

const mutations: Readonly<Record<string, Mutation>> = {
  flipBits: (bytes, random) => {
    for (let i = random.below(8); i >= 0; i--) bytes[somewhere(bytes, random)]! ^= 1 << random.below(8);
    return bytes;
  },
  overwrite: (bytes, random) => {
    const at = somewhere(bytes, random);
    someBytes(random).copy(bytes, at);
    return bytes;
  },
  fill: (bytes, random) => {
    const at = somewhere(bytes, random);
    return bytes.fill(awkward(random), at, Math.min(bytes.length, at + 1 + random.below(64)));
  },
  truncate: (bytes, random) => bytes.subarray(0, random.below(4) === 0 ? random.below(300) : somewhere(bytes, random)),
  cutFront: (bytes, random) => bytes.subarray(random.below(Math.min(64, bytes.length))),
  append: (bytes, random) => Buffer.concat([bytes, someBytes(random)]),
  insert: (bytes, random) => {
    const at = somewhere(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), someBytes(random), bytes.subarray(at)]);
  },
  remove: (bytes, random) => {
    const at = somewhere(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(64))]);
  },
  duplicate: (bytes, random) => {
    const at = somewhere(bytes, random);
    const end = at + 1 + random.below(512);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  },
  swap: (bytes, random) => {
    const [from, to] = [somewhere(bytes, random), somewhere(bytes, random)];
    const length = Math.min(1 + random.below(256), bytes.length - Math.max(from, to));
    const kept = Buffer.from(bytes.subarray(from, from + length));
    bytes.copy(bytes, from, to, to + length);
    kept.copy(bytes, to);
    return bytes;
  },
  /** A number written in digits made another: one digit changed, all nines, or a sign in front. */
  digits: (bytes, random) => {
    let at = somewhere(bytes, random);
    while (at < bytes.length && !isDigit(bytes[at]!)) at++;
    let end = at;
    while (end < bytes.length && isDigit(bytes[end]!) && end - at < 20) end++;
    if (at === end) return bytes;
    const way = random.below(4);
    if (way === 0) bytes.fill("9", at, end);
    else if (way === 1) bytes[at] = 0x2d;
    else bytes[at + random.below(end - at)] = 0x30 + random.below(10);
    return bytes;
  },
  /** A binary integer made one at an edge, little-endian, 1 to 8 bytes. */
  integer: (bytes, random) => {
    const value = Buffer.alloc(8);
    value.writeBigInt64LE(EDGES[random.below(EDGES.length)]!);
    value.copy(bytes, somewhere(bytes, random), 0, 1 << random.below(4));
    return bytes;
  },
};

const ways = Object.values(mutations);

/** A copy of `bytes`, damaged in one to four ways. The same generator state gives the same damage. */
export function mutate(bytes: Uint8Array, random: Generator): Buffer {
  let damaged: Buffer = Buffer.from(bytes);
  for (let i = random.below(4); i >= 0 && damaged.length > 0; i--)
    damaged = ways[random.below(ways.length)]!(damaged, random);
  return damaged;
}

/** A position: anywhere, near the start (headers) or near the end (footers), each as often. */
function somewhere(bytes: Buffer, random: Generator): number {
  const near = Math.min(bytes.length, 1 << random.below(12));
  const way = random.below(3);
  if (way === 0) return random.below(bytes.length);
  return way === 1 ? random.below(near) : bytes.length - 1 - random.below(near);
}

function someBytes(random: Generator): Buffer {
  const length = 1 + random.below(random.below(2) === 0 ? 4 : 64);
  const value = random.below(2) === 0 ? (): number => awkward(random) : (): number => random.below(256);
  return Buffer.from(Array.from({ length }, value));
}

function awkward(random: Generator): number {
  return AWKWARD[random.below(AWKWARD.length)]!;
}

function isDigit(byte: number): boolean {
  return DIGITS.test(String.fromCharCode(byte));
}
