/**
 * WebAssembly without a compiler: functions written as expressions in TypeScript become a module of their own. For the few
 * loops that need two doubles at a time (128-bit vectors), which JavaScript cannot say.
 */

/** Machine code: a value's leaves it on the stack, a statement's leaves nothing. */
export type Code = readonly number[];
export type ValueType = "i32" | "v128";

const TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b };
const PAGE_BYTES = 65536;

/** A function's local variable. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** A function in the making: statements are appended to its body. */
export class FunctionBody {
  readonly code: number[] = [];
  readonly types: ValueType[] = [];
  readonly parameters: readonly Local[];

  /** @param count parameters, all i32. */
  constructor(private readonly count: number) {
    this.parameters = Array.from({ length: count }, (_, i) => local(i));
  }

  local(type: ValueType): Local {
    this.types.push(type);
    return local(this.count + this.types.length - 1);
  }

  do(...statements: readonly Code[]): void {
    for (const statement of statements) for (const byte of statement) this.code.push(byte);
  }

  /** Computes a vector once; the code returned reads it. */
  keep(value: Code): Code {
    const kept = this.local("v128");
    this.do(kept.set(value));
    return kept.get;
  }

  /** The statements `body` appends, `times` (1 or more) over. */
  repeat(times: number, body: () => void): void {
    if (times === 1) {
      body();
      return;
    }
    const left = this.local("i32");
    this.do(left.set(i32(times)), [0x03, 0x40]);
    body();
    this.do(left.set(subtractI32(left.get, i32(1))), left.get, [0x0d, 0x00, 0x0b]);
  }
}

function local(index: number): Local {
  const at = unsigned(index);
  return { get: [0x20, ...at], set: (value) => [...value, 0x21, ...at] };
}

export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const addI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const subtractI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const multiplyI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const shiftRightI32 = (a: Code, places: number): Code => [...a, ...i32(places), 0x75];
/** A byte, 0 .. 255, at an address plus a constant offset. */
export const loadByte = (address: Code, offset: number): Code => [...address, 0x2d, 0, ...unsigned(offset)];
export const storeI32 = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...[0x36, 2, ...unsigned(offset)],
];

const vector = (operation: number, ...operands: readonly Code[]): Code => [
  ...operands.flat(),
  0xfd,
  ...unsigned(operation),
];
export const add = (a: Code, b: Code): Code => vector(0xf0, a, b);
export const subtract = (a: Code, b: Code): Code => vector(0xf1, a, b);
export const multiply = (a: Code, b: Code): Code => vector(0xf2, a, b);
export const divide = (a: Code, b: Code): Code => vector(0xf3, a, b);
/** The greater of either pair; b where one of them is NaN. */
export const greater = (a: Code, b: Code): Code => vector(0xf7, b, a);
/** On the 64 bits of either double, as integers. */
export const addBits = (a: Code, b: Code): Code => vector(0xce, a, b);
export const andBits = (a: Code, b: Code): Code => vector(0x4e, a, b);
export const orBits = (a: Code, b: Code): Code => vector(0x50, a, b);
/** Four integers of 32 bits, all the same. */
export const fourOf = (value: Code): Code => vector(0x11, value);
export const multiplyFour = (a: Code, b: Code): Code => vector(0xb5, a, b);
export const addFour = (a: Code, b: Code): Code => vector(0xae, a, b);
export const shiftRightFour = (a: Code, places: number): Code => [...a, ...i32(places), 0xfd, ...unsigned(0xac)];
/** Sixteen bytes of four times four integers; those below 0 become 0, those above 255 become 255. */
export const sixteenBytes = ([a, b, c, d]: readonly [Code, Code, Code, Code]): Code =>
  vector(0x66, vector(0x86, a, b), vector(0x86, c, d));
export const shiftRight = (a: Code, places: number): Code => [...a, ...i32(places), 0xfd, ...unsigned(0xcd)];
/** Twice the same 64 bits. */
export const constantBits = (value: bigint): Code => {
  const bytes = [...new Uint8Array(BigUint64Array.of(value, value).buffer)];
  return [0xfd, 0x0c, ...bytes];
};
/** Two equal doubles. */
export const constant = (value: number): Code => {
  const bytes = [...new Uint8Array(Float64Array.of(value, value).buffer)];
  return [0xfd, 0x0c, ...bytes];
};
/** Two neighbouring doubles at a byte address plus a constant offset. */
export const load = (address: Code, offset: number): Code => [...address, 0xfd, 0x00, 3, ...unsigned(offset)];
/** One double, twice. */
export const loadTwice = (address: Code, offset: number): Code => [...address, 0xfd, 0x0a, 3, ...unsigned(offset)];
export const store = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...[0xfd, 0x0b, 3, ...unsigned(offset)],
];
/** A vector whose lane 0 or 1 is replaced by a double from memory. */
export const loadLane = (address: Code, offset: number, value: Code, lane: number): Code => [
  ...address,
  ...value,
  ...[0xfd, 0x57, 3, ...unsigned(offset), lane],
];
/** Stores lane 0 or 1. */
export const storeLane = (address: Code, offset: number, value: Code, lane: number): Code => [
  ...address,
  ...value,
  ...[0xfd, 0x5b, 3, ...unsigned(offset), lane],
];

/** What JavaScript runtimes offer; the language's own type declarations have it only for browsers. */
interface WebAssemblyApi {
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, (...values: number[]) => void> };
}

/** Functions over one memory. */
export interface WasmModule {
  memory: ArrayBuffer;
  functions: Readonly<Record<string, (...values: number[]) => void>>;
}

/** Compiles functions (without results) over a memory of `bytes`, which never grows. */
export function compileWasm(bytes: number, functions: Readonly<Record<string, FunctionBody>>): WasmModule {
  const api = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const memory = new api.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const module = new api.Module(encode(functions));
  return { memory: memory.buffer, functions: new api.Instance(module, { js: { memory } }).exports };
}

function encode(functions: Readonly<Record<string, FunctionBody>>): Uint8Array {
  const names = Object.keys(functions);
  const bodies = Object.values(functions);
  const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, items: readonly Code[]): number[] => [id, ...sized(list(items))];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      bodies.map(({ parameters }) => [0x60, ...list(parameters.map(() => [TYPES.i32])), 0]),
    ),
    ...section(2, [[...text("js"), ...text("memory"), 0x02, 0x00, 0x00]]),
    ...section(
      3,
      bodies.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      names.map((name, i) => [...text(name), 0x00, ...unsigned(i)]),
    ),
    ...section(
      10,
      bodies.map(({ types, code }) => sized([...list(types.map((type) => [1, TYPES[type]])), ...code, 0x0b])),
    ),
  ]);
}

const sized = (bytes: Code): number[] => [...unsigned(bytes.length), ...bytes];
const text = (name: string): number[] => sized([...Buffer.from(name, "utf8")]);

/** LEB128, as the format writes every number. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}
