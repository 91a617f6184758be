/** Arrays: NumPy's files and pickles, BEETL's folders, safetensors. */
import {
  BEETL_CHANNELS,
  BEETL_SAMPLE_RATE,
  BEETL_STAGES,
  BEETL_WINDOW,
  listBeetl,
  readBeetlNight,
} from "../../formats/beetl";
import type { NdArray } from "../../formats/ndarray";
import { decodeNpy, isNpy, parseNpyHeader } from "../../formats/npy";
import { readNpz } from "../../formats/npz";
import { decodePickle, type PickleValue } from "../../formats/pickle";
import { PickledArray } from "../../formats/pickle-numpy";
import { readSafetensors, tensorFloats } from "../../formats/safetensors";
import { readBytes } from "../../formats/text";
import { headIs, type InspectFormat, type Probe } from "./probe";
import { noStatistics, Statistics } from "./statistics";
import { type ArraySummary, type FileSummary, statisticsOf, summaryOf } from "./summary";

const npy: InspectFormat = {
  name: "NumPy arrays (.npy)",
  matches: (file) => isNpy(file.head),
  inspect: ({ path }) => {
    const bytes = readBytes(path, "a .npy array");
    if (parseNpyHeader(bytes, path).type === "|O") return ofPickle(path, decodePickle(bytes, path), ".npy of objects");
    return ofArray(path, decodeNpy(bytes, path), ".npy");
  },
};

const npz: InspectFormat = {
  name: "NumPy archives (.npz)",
  matches: (file) => headIs(file, "PK\x03\x04") || file.extension === ".npz",
  inspect: ({ path }) =>
    summaryOf(path, ".npz", { arrays: [...readNpz(path)].map(([name, array]) => summarizeArray(name, array)) }),
};

const pickle: InspectFormat = {
  name: "pickles of NumPy arrays",
  matches: ({ head, extension, folder }) =>
    folder === null &&
    ((head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) || [".npy", ".pkl", ".pickle"].includes(extension)),
  inspect: ({ path }) => ofPickle(path, decodePickle(readBytes(path, "a pickle"), path), "pickle"),
};

function ofPickle(file: string, value: PickleValue, format: string): FileSummary {
  if (value instanceof PickledArray && value.dtype !== "object") return ofArray(file, value as NdArray, format);
  const arrays: ArraySummary[] = [];
  const facts: Record<string, string | number> = {};
  const entries: [string, PickleValue][] =
    value instanceof Map ? [...value].map(([key, item]) => [String(key), item]) : [["value", value]];
  for (const [name, item] of entries.flatMap(opened)) {
    if (item instanceof PickledArray && item.dtype !== "object") arrays.push(summarizeArray(name, item as NdArray));
    else facts[name] = typeof item === "number" ? item : shown(item);
  }
  return summaryOf(file, format, { arrays, facts });
}

/** An array of one object stands for that object: numpy.save of a dictionary makes such. */
function opened([name, item]: [string, PickleValue]): [string, PickleValue][] {
  if (!(item instanceof PickledArray) || item.dtype !== "object" || item.data.length !== 1) return [[name, item]];
  const inner = (item.data as readonly PickleValue[])[0]!;
  return inner instanceof Map ? [...inner].map(([key, value]) => [String(key), value]) : [[name, inner]];
}

function shown(item: PickleValue): string {
  if (item === null) return "None";
  if (item instanceof Map) return `a dictionary of ${item.size} entries`;
  if (item instanceof Set) return `a set of ${item.size}`;
  if (item instanceof Uint8Array) return `${item.length} bytes`;
  if (Array.isArray(item)) {
    const plain = item.every((part) => typeof part === "string" || typeof part === "number");
    return plain && item.length <= 20 ? item.join(", ") : `a list of ${item.length}`;
  }
  return typeof item === "object" ? "an array of objects" : String(item);
}

/** One array; windows in BEETL's layout are told by channel. */
function ofArray(file: string, array: NdArray, format: string): FileSummary {
  const { shape, data } = array;
  const isBeetl = shape.length === 3 && shape[1] === BEETL_CHANNELS.length && shape[2] === BEETL_WINDOW;
  if (!isBeetl) return summaryOf(file, format, { arrays: [summarizeArray("", array)] });
  const statistics = BEETL_CHANNELS.map(() => new Statistics());
  for (let at = 0, i = 0; at < data.length; at += BEETL_WINDOW, i++)
    statistics[i % BEETL_CHANNELS.length]!.add(data.subarray(at, at + BEETL_WINDOW));
  return summaryOf(file, `${format}, windows of BEETL`, {
    duration: (shape[0]! * BEETL_WINDOW) / BEETL_SAMPLE_RATE,
    signals: BEETL_CHANNELS.map((label, i) => {
      const { count: samples } = statistics[i]!;
      return { label, unit: "uV", sampleRate: BEETL_SAMPLE_RATE, samples, ...statistics[i]!.summary() };
    }),
    facts: { windows: shape[0]!, type: array.dtype },
  });
}

function summarizeArray(name: string, { dtype, shape, data }: NdArray): ArraySummary {
  return { name, type: dtype, shape, ...statisticsOf(data) };
}

const beetl: InspectFormat = {
  name: "BEETL folders",
  matches: ({ folder }) => folder?.some((name) => /s\d+r\d+X\.npy$/.test(name)) ?? false,
  inspect: ({ path }) => {
    const nights = listBeetl(path);
    let windows = 0;
    const stages = new Array<number>(BEETL_STAGES.length).fill(0);
    for (const files of nights) {
      const night = readBeetlNight(files);
      windows += night.length;
      for (const stage of night.stages ?? []) stages[stage]!++;
    }
    const counts = Object.fromEntries(BEETL_STAGES.map((stage, i) => [stage, stages[i]!]));
    const labelled = nights.filter(({ labels }) => labels !== null).length;
    return summaryOf(path, "BEETL folder", {
      facts: {
        subjects: new Set(nights.map(({ set, subject }) => `${set} ${subject}`)).size,
        nights: nights.length,
        "nights with labels": labelled,
        windows,
        ...(labelled > 0 ? counts : {}),
      },
    });
  },
};

const safetensors: InspectFormat = {
  name: "safetensors",
  matches: (file) => file.extension === ".safetensors" || hasJsonHeader(file),
  inspect: ({ path }) => {
    const { tensors, metadata } = readSafetensors(path);
    return summaryOf(path, "safetensors", {
      arrays: [...tensors].map(([name, tensor]): ArraySummary => {
        const { dtype: type, shape, data } = tensor;
        if (type.startsWith("F8")) return { name, type, shape, ...noStatistics() };
        return { name, type, shape, ...statisticsOf(/F/.test(type) ? tensorFloats(tensor) : data) };
      }),
      facts: metadata,
    });
  },
};

/** A length of 8 bytes that fits the file, then the JSON's bracket. */
function hasJsonHeader({ head, size }: Probe): boolean {
  return head.length > 10 && head[8] === 0x7b && head.readBigUInt64LE(0) <= BigInt(size - 8);
}

export const arrayFormats: readonly InspectFormat[] = [npy, npz, safetensors, beetl];
/** Two bytes are a weak mark: formats with more of one go first. */
export const pickleFormats: readonly InspectFormat[] = [pickle];
