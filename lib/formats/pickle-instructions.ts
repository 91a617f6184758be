/** The instructions of pickles, protocols 0 to 5 (pickletools.py): what each does to the machine. */
import type { PickleValue } from "./pickle";
import type { PickleMachine } from "./pickle-machine";
import { narrow, type PickleItem } from "./pickle-numpy";
import { quoted } from "./text";

/** Instructions by their code, each with what it does to the machine. */
export type Instruction = (machine: PickleMachine) => void;

/** A name that is not allowed. */
export class RefusedName extends RangeError {
  constructor(readonly refused: string) {
    super(`the name ${refused}`);
  }
}

export const STOP = 0x2e;
const HIGHEST_PROTOCOL = 5;

const asList = (item: PickleItem): PickleItem[] => {
  if (!Array.isArray(item)) throw new RangeError("an item for what is no list");
  return item;
};

const asMap = (item: PickleItem): Map<PickleItem, PickleItem> => {
  if (!(item instanceof Map)) throw new RangeError("an entry for what is no dictionary");
  return item;
};

const setItems = (map: Map<PickleItem, PickleItem>, items: readonly PickleItem[]): Map<PickleItem, PickleItem> => {
  if (items.length % 2 !== 0) throw new RangeError("a dictionary's key without a value");
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
  return map;
};

const refused =
  (what: string): Instruction =>
  () => {
    throw new RefusedName(what);
  };

const tuple =
  (size: number): Instruction =>
  (m) => {
    if (m.stack.length < size) throw new RangeError("a tuple without its items");
    m.create(m.stack.splice(m.stack.length - size) as PickleItem);
  };

/** A text of protocol 0: "I01" and "I00" are booleans. */
const integerLine = (line: string): PickleItem => {
  if (line === "00" || line === "01") return line === "01";
  if (!/^[+-]?\d{1,4000}L?$/.test(line)) throw new RangeError(`an integer written ${quoted(line)}`);
  return narrow(BigInt(line.replace(/L$/, "").replace(/^\+/, "")));
};

const floatLine = (line: string): number => {
  const special = { inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY, nan: Number.NaN }[line];
  const value = special ?? (line.trim() === "" ? Number.NaN : Number(line));
  if (special === undefined && Number.isNaN(value)) throw new RangeError(`a number written ${quoted(line)}`);
  return value;
};

/** By the character or number pickletools gives them, in its order. */
export const INSTRUCTIONS: ReadonlyMap<number, Instruction> = new Map<number, Instruction>(
  (
    [
      ["(", (m) => m.mark()],
      ["0", (m) => void (m.stack.length > 0 ? m.pop() : m.popMark())],
      ["1", (m) => void m.popMark()],
      ["2", (m) => m.push(m.top())],
      ["F", (m) => m.push(floatLine(m.input.line()))],
      ["I", (m) => m.push(integerLine(m.input.line()))],
      ["J", (m) => m.push(m.input.signed())],
      ["K", (m) => m.push(m.input.unsigned(1))],
      ["L", (m) => m.push(integerLine(m.input.line()))],
      ["M", (m) => m.push(m.input.unsigned(2))],
      ["N", (m) => m.push(null)],
      ["P", refused("a persistent object")],
      ["Q", refused("a persistent object")],
      ["R", (m) => m.call()],
      ["S", (m) => m.push(m.input.quotedLine())],
      ["T", (m) => m.push(m.input.latin1(m.input.signed()))],
      ["U", (m) => m.push(m.input.latin1(m.input.unsigned(1)))],
      ["V", (m) => m.push(m.input.escapedLine())],
      ["X", (m) => m.push(m.input.utf8(m.input.unsigned(4)))],
      ["a", (m) => void asList(m.stack[m.stack.length - 2] ?? null).push(m.pop())],
      ["b", (m) => m.build()],
      ["c", (m) => m.global(m.input.line(), m.input.line())],
      ["d", (m) => m.create(setItems(new Map(), m.popMark()) as PickleItem)],
      [
        "e",
        (m) => {
          const items = m.popMark();
          const list = asList(m.top());
          for (const item of items) list.push(item);
        },
      ],
      ["g", (m) => m.recall(Number(m.input.line()))],
      ["h", (m) => m.recall(m.input.unsigned(1))],
      ["i", refused("an instance of a class")],
      ["j", (m) => m.recall(m.input.unsigned(4))],
      ["l", (m) => m.create(m.popMark() as PickleItem)],
      ["o", refused("an instance of a class")],
      ["p", (m) => m.remember(Number(m.input.line()))],
      ["q", (m) => m.remember(m.input.unsigned(1))],
      ["r", (m) => m.remember(m.input.unsigned(4))],
      [
        "s",
        (m) => {
          const value = m.pop();
          const key = m.pop();
          asMap(m.top()).set(key, value);
        },
      ],
      ["t", (m) => m.create(m.popMark() as PickleItem)],
      [
        "u",
        (m) => {
          const items = m.popMark();
          setItems(asMap(m.top()), items);
        },
      ],
      ["}", (m) => m.create(new Map())],
      ["]", (m) => m.create([])],
      [")", (m) => m.create([])],
      ["G", (m) => m.push(m.input.double())],
      [
        0x80,
        (m) => {
          const protocol = m.input.unsigned(1);
          if (protocol > HIGHEST_PROTOCOL) throw new RangeError(`protocol ${protocol}, of a later Python`);
        },
      ],
      [0x81, (m) => m.call()],
      [0x82, refused("an extension")],
      [0x83, refused("an extension")],
      [0x84, refused("an extension")],
      [0x85, tuple(1)],
      [0x86, tuple(2)],
      [0x87, tuple(3)],
      [0x88, (m) => m.push(true)],
      [0x89, (m) => m.push(false)],
      [0x8a, (m) => m.push(m.input.long(m.input.unsigned(1)))],
      [0x8b, (m) => m.push(m.input.long(m.input.signed()))],
      ["B", (m) => m.push(m.input.bytes(m.input.unsigned(4)))],
      ["C", (m) => m.push(m.input.bytes(m.input.unsigned(1)))],
      [0x8c, (m) => m.push(m.input.utf8(m.input.unsigned(1)))],
      [0x8d, (m) => m.push(m.input.utf8(m.input.unsigned(8)))],
      [0x8e, (m) => m.push(m.input.bytes(m.input.unsigned(8)))],
      [0x8f, (m) => m.create(new Set())],
      [
        0x90,
        (m) => {
          const items = m.popMark();
          const set = m.top();
          if (!(set instanceof Set)) throw new RangeError("items for what is no set");
          for (const item of items) set.add(item as PickleValue);
        },
      ],
      [0x91, (m) => m.create(new Set(m.popMark() as PickleValue[]))],
      [0x92, refused("an object with named arguments")],
      [
        0x93,
        (m) => {
          const name = m.pop();
          const module = m.pop();
          if (typeof name !== "string" || typeof module !== "string") throw new RangeError("a name that is no text");
          m.global(module, name);
        },
      ],
      [0x94, (m) => m.memoize()],
      [0x95, (m) => void m.input.unsigned(8)],
      [0x96, (m) => m.push(m.input.bytes(m.input.unsigned(8)))],
      [0x97, refused("a buffer outside the pickle")],
      [0x98, () => undefined],
    ] as [string | number, Instruction][]
  ).map(([code, run]) => [typeof code === "string" ? code.charCodeAt(0) : code, run]),
);
