/**
 * What TensorFlow itself says about an op: which inputs are lists and which attribute types them. Read once an op from
 * the library's `OpDef` protocol buffer (tensorflow/core/framework/op_def.proto), so that no table here can go stale.
 */
import koffi from "koffi";
import type { CApi, Pointer } from "./c-api";
import { check, type Status } from "./status";

/** One declared input of an op. */
export interface InputDefinition {
  name: string;
  /** The attribute that holds its data type, if the type is not fixed. */
  typeAttribute?: string;
  /** The attribute that counts its tensors, if it is a list of one type. */
  countAttribute?: string;
  /** The attribute that lists its types, if it is a list of several types. */
  typeListAttribute?: string;
}

export interface OpDefinition {
  name: string;
  inputs: InputDefinition[];
  /** Whether the op has an effect or a state: it must run even if nobody reads its outputs. */
  stateful: boolean;
}

/** The op definitions of one loaded library, each read at its first use. */
export class OpDefinitions {
  private readonly known = new Map<string, OpDefinition>();
  private readonly graph: Pointer;

  constructor(
    private readonly api: CApi,
    private readonly status: Status,
  ) {
    this.graph = api.TF_NewGraph();
  }

  /** @throws SignalbookError when TensorFlow has no such op. */
  get(name: string): OpDefinition {
    let definition = this.known.get(name);
    if (definition === undefined) {
      definition = this.read(name);
      this.known.set(name, definition);
    }
    return definition;
  }

  /** Declares a compiled function, whose inputs are all plain tensors, so that it can run like an op. */
  declareFunction(name: string): void {
    this.known.set(name, { name, inputs: [], stateful: true });
  }

  forgetFunction(name: string): void {
    this.known.delete(name);
  }

  private read(name: string): OpDefinition {
    const buffer = this.api.TF_NewBuffer();
    try {
      this.api.TF_GraphGetOpDef(this.graph, name, buffer, this.status.pointer);
      check(this.status, { op: name });
      const data = koffi.decode(buffer, "void*") as Pointer;
      const length = Number(koffi.decode(buffer, 8, "size_t"));
      return parseOpDefinition(new Uint8Array(koffi.view(data, length)).slice());
    } finally {
      this.api.TF_DeleteBuffer(buffer);
    }
  }
}

/** Parses an `OpDef` message. Field numbers are those of op_def.proto. */
export function parseOpDefinition(bytes: Uint8Array): OpDefinition {
  const definition: OpDefinition = { name: "", inputs: [], stateful: false };
  for (const field of fields(bytes)) {
    if (field.number === 1) definition.name = text(field.bytes);
    else if (field.number === 2) definition.inputs.push(parseInput(field.bytes));
    else if (field.number === 17) definition.stateful = field.value !== 0;
  }
  return definition;
}

function parseInput(bytes: Uint8Array): InputDefinition {
  const input: InputDefinition = { name: "" };
  for (const field of fields(bytes)) {
    if (field.number === 1) input.name = text(field.bytes);
    else if (field.number === 4) input.typeAttribute = text(field.bytes);
    else if (field.number === 5) input.countAttribute = text(field.bytes);
    else if (field.number === 6) input.typeListAttribute = text(field.bytes);
  }
  return input;
}

interface Field {
  number: number;
  /** The value of a varint field; 0 for other wire types. */
  value: number;
  /** The bytes of a length-delimited field; empty for other wire types. */
  bytes: Uint8Array;
}

const wireVarint = 0;
const wireFixed64 = 1;
const wireBytes = 2;
const wireFixed32 = 5;

function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const none = new Uint8Array(0);
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === wireVarint) yield { number, value: varint(), bytes: none };
    else if (wire === wireBytes) {
      const length = varint();
      yield { number, value: 0, bytes: bytes.subarray(at, at + length) };
      at += length;
    } else if (wire === wireFixed64) at += 8;
    else if (wire === wireFixed32) at += 4;
    else throw new Error(`an OpDef with wire type ${wire}`);
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
