/** The stack machine of Python's pickles (pickletools.py describes every instruction), without a way to call anything. */
import { type ProblemDetails, SignalbookError } from "../core/errors";
import type { PickleValue } from "./pickle";
import { ByteReader } from "./pickle-bytes";
import { INSTRUCTIONS, RefusedName, STOP } from "./pickle-instructions";
import {
  ByteBudget,
  PickledArray,
  PickledType,
  type PickleItem,
  PickleName,
  pickleName,
  setState,
} from "./pickle-numpy";
import { quoted } from "./text";

/** A file of arrays has a few objects; more than this only serve to fill memory. */
const MOST_OBJECTS = 1_000_000;

export class PickleMachine {
  readonly input: ByteReader;
  stack: PickleItem[] = [];
  /** Stacks below the marks that are set. */
  private readonly below: PickleItem[][] = [];
  private readonly memo = new Map<number, PickleItem>();
  private readonly arrays: PickledArray[] = [];
  private readonly budget: ByteBudget;
  private objects = 0;

  constructor(
    bytes: Uint8Array,
    private readonly file: string,
    start: number,
  ) {
    this.input = new ByteReader(bytes, start);
    // Twice: texts that become bytes are counted as both.
    this.budget = new ByteBudget(2 * bytes.length);
  }

  /** Runs to the STOP instruction; what is left on the stack is the pickle's value. */
  run(): PickleValue {
    const { input } = this;
    for (;;) {
      const at = input.position;
      try {
        const code = input.byte();
        if (code === STOP) return this.result();
        const instruction = INSTRUCTIONS.get(code);
        if (instruction === undefined) throw new RangeError(`no instruction of pickles: 0x${code.toString(16)}`);
        instruction(this);
      } catch (cause) {
        // All that the bytes can get wrong is thrown as a RangeError, or by the arrays' own check.
        if (!(cause instanceof RangeError || cause instanceof SignalbookError)) throw cause;
        throw this.problem(at, cause);
      }
    }
  }

  push(item: PickleItem): void {
    this.stack.push(item);
  }

  pop(): PickleItem {
    const item = this.stack.pop();
    if (item === undefined) throw new RangeError("an instruction without what it works on");
    return item;
  }

  /** The topmost item, left there. */
  top(): PickleItem {
    const item = this.stack[this.stack.length - 1];
    if (item === undefined) throw new RangeError("an instruction without what it works on");
    return item;
  }

  mark(): void {
    this.count();
    this.below.push(this.stack);
    this.stack = [];
  }

  /** The items above the last mark, which is taken away. */
  popMark(): PickleItem[] {
    const below = this.below.pop();
    if (below === undefined) throw new RangeError("an instruction without its mark");
    const items = this.stack;
    this.stack = below;
    return items;
  }

  /** Counts an object that takes memory beyond its bytes in the file. */
  count(): void {
    if (++this.objects > MOST_OBJECTS) throw new RangeError(`more than ${MOST_OBJECTS} objects`);
  }

  /** A new list, dictionary, set or tuple. */
  create(container: PickleItem): void {
    this.count();
    this.push(container);
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  memoize(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const item = this.memo.get(index);
    if (item === undefined) throw new RangeError(`nothing remembered as ${index}`);
    this.push(item);
  }

  global(module: string, name: string): void {
    const allowed = pickleName(module, name);
    if (allowed === null) throw new RefusedName(`${module}.${name}`);
    this.push(allowed);
  }

  call(): void {
    const args = this.pop();
    const name = this.pop();
    if (!(name instanceof PickleName) || !Array.isArray(args)) throw new RangeError("a call of what is no function");
    this.count();
    const made = name.call(args as readonly PickleItem[], this.budget);
    if (made instanceof PickledArray) this.arrays.push(made);
    this.push(made);
  }

  build(): void {
    const state = this.pop();
    setState(this.top(), state, this.budget);
  }

  private result(): PickleValue {
    const value = this.pop();
    if (this.stack.length > 0 || this.below.length > 0) throw new RangeError("values left over at the end");
    if (this.arrays.some(({ filled }) => !filled)) throw new RangeError("an array that never got its bytes");
    checkValue(value);
    return value as PickleValue;
  }

  private problem(at: number, cause: RangeError | SignalbookError): SignalbookError {
    const place = `byte ${at}`;
    if (cause instanceof RefusedName)
      return new SignalbookError("a pickle that wants more than arrays", {
        file: this.file,
        place,
        found: quoted(cause.refused),
        expected: "NumPy arrays and plain values only",
        fix: "nothing was executed; load it only where it comes from, and save its arrays with numpy.save",
      });
    const details: ProblemDetails = cause instanceof SignalbookError ? cause.details : { found: cause.message };
    const { found, expected } = details;
    return new SignalbookError("a pickle that cannot be read", {
      file: this.file,
      place,
      ...(found === undefined ? {} : { found }),
      expected: expected ?? "a pickled NumPy array",
      fix: "the file is damaged, or no pickle",
      cause,
    });
  }
}

/** Refuses what only serves to build values where a value should be, in containers too. */
function checkValue(value: PickleItem): void {
  const seen = new Set<PickleItem>();
  const waiting: PickleItem[] = [value];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (item instanceof PickleName || item instanceof PickledType)
      throw new RangeError(`${item instanceof PickleName ? item.name : "a NumPy type"} where a value is expected`);
    if (typeof item !== "object" || item === null || item instanceof Uint8Array || seen.has(item)) continue;
    seen.add(item);
    const parts = item instanceof PickledArray ? (item.dtype === "object" ? item.data : []) : item;
    if (parts instanceof Map) for (const entry of parts) waiting.push(entry[0], entry[1]);
    else for (const part of parts as Iterable<PickleItem>) waiting.push(part);
  }
}
