/**
 * Gradients of 2-D convolution. TensorFlow's own kernels, and for processors other ways to the same numbers where those
 * are slower.
 *
 * In float32 oneDNN's kernels are the fastest nearly everywhere, if they are used: TensorFlow takes them for the padding
 * "SAME" and "VALID" only. A padding spelled out costs up to three times as much, and with groups there is no such kernel
 * (AVX-512 without AMX, two cores, batch 8, milliseconds of processor time; "by group": each group by itself):
 *
 *   gradient of the   convolution                        explicit   here
 *   filter            7x7, stride 2, 224 x 224 x 3       68         22 (padded, "VALID")
 *   filter            3x3, 56 x 56 x 64                  45         21 ("SAME")
 *   filter            3x3, 32 groups, 56 x 56 x 128      78 (by group)   18 ("SAME")
 *   input             3x3, 32 groups, 56 x 56 x 128      none       8 ("SAME")
 *   input             3x3, 56 x 56 x 64                  27         18 ("SAME")
 *
 * oneDNN has no fast backward kernels in bfloat16 without AMX, only forward ones (16 x 56 x 56 x 64, 3x3):
 *
 *   gradient of      library   here
 *   the input        1020      19: a forward convolution of dy with the turned filter, stride 1
 *   the filter       990       30: a forward convolution with the batch as channels
 *   a 1x1 filter     27        12: a matrix product
 */
import { readFileSync } from "node:fs";
import * as tfjs from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import type { EngineBackend } from "../backend";
import { castTo, truePrecision } from "../precision";
import { forwardConv, isLongSum, libraryConv, productAttributes } from "./conv-forward";
import {
  type ConvGeometry,
  convAttributes,
  isReached,
  isSamePadding,
  isUnit,
  isUnpadded,
  type Padding,
  turnedPadding,
  unpadded,
} from "./conv-geometry";

/** TensorFlow's kernel; a forward convolution; a matrix product; the kernel on float32 copies; the groups one by one. */
export type Way = "library" | "forward" | "product" | "library in float32" | "by group";

let amx: boolean | undefined;

/** Whether the processor has matrix units for bfloat16: oneDNN then has fast backward kernels too. */
function hasAmx(): boolean {
  if (amx === undefined) {
    try {
      amx = /\bamx_bf16\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
    } catch {
      amx = false; // no such file: no Linux, and no AMX as far as can be told
    }
  }
  return amx;
}

/** Whether TensorFlow's library has oneDNN, whose gradients know groups: its builds for x64, unless switched off. */
const hasOneDnn = (): boolean =>
  process.arch === "x64" && process.platform !== "darwin" && process.env["TF_ENABLE_ONEDNN_OPTS"] !== "0";

/** Which way to the input's gradient. Exported for the tests, which compare all of them. */
export function inputGradientWay(
  backend: EngineBackend,
  filter: tfjs.Tensor4D,
  dyShape: tfjs.Tensor4D["shape"],
  geometry: ConvGeometry,
): Way {
  const [height, width] = filter.shape;
  if (backend.eager.isUsingGpuDevice()) return "library";
  const float32 = truePrecision(filter) === "float32";
  const [, , inputs, outputs] = filter.shape;
  // Turned, the convolution sums over the outputs.
  const turned: tfjs.Tensor4D["shape"] = [height, width, outputs, inputs];
  const whole = isUnit(geometry.strides) && isReached(filter, geometry);
  if (float32 && whole && isLongSum(dyShape, turned, { ...geometry, padding: turnedPadding(filter, geometry) }))
    return "forward";
  if (float32 && hasOneDnn()) return "library";
  const half = !float32 && !hasAmx();
  const grouped = geometry.groups > 1;
  if (height === 1 && width === 1) return grouped ? "by group" : "library";
  if (whole) return "forward";
  const reached = height >= geometry.strides[0] && width >= geometry.strides[1];
  if (reached && isUnit(geometry.dilations) && (half || grouped)) return "forward";
  if (grouped) return "by group";
  return half ? "library in float32" : "library";
}

/** Which way to the filter's gradient. */
export function filterGradientWay(
  backend: EngineBackend,
  x: tfjs.Tensor4D,
  filterShape: tfjs.Tensor4D["shape"],
  geometry: ConvGeometry,
): Way {
  const [height, width, channels] = filterShape;
  const half = truePrecision(x) !== "float32" && !hasAmx();
  if (backend.eager.isUsingGpuDevice() && geometry.groups > 1) return "library";
  if (geometry.groups > 1) {
    if (truePrecision(x) === "float32" && hasOneDnn()) return "library";
    // One convolution for all groups pays where there are many of them and few places.
    const places = x.shape[1] * x.shape[2];
    return geometry.groups >= 4 && places <= 1024 && isUnit(geometry.strides) ? "forward" : "by group";
  }
  if (height === 1 && width === 1) return isUnit(geometry.strides) && isUnpadded(geometry) ? "product" : "library";
  if (backend.eager.isUsingGpuDevice()) return "library";
  if (half) return "forward";
  // For signals it pays where the transposes are small beside the work, and the batch fills the vector registers: a
  // quarter faster (16 x 157 x 512, 11 taps: 142 ms instead of 180).
  return x.shape[1] === 1 && x.shape[0] % 16 === 0 && channels >= 256 ? "forward" : "library";
}

export function inputGradient(
  backend: EngineBackend,
  way: Way,
  inputShape: tfjs.Tensor4D["shape"],
  filter: tfjs.Tensor4D,
  dy: tfjs.Tensor4D,
  geometry: ConvGeometry,
): tfjs.Tensor {
  if (way === "by group") {
    const [filters, slopes] = [filter, dy].map((t): tfjs.Tensor4D[] => tfjs.split(t, geometry.groups, 3));
    const [batch, height, width] = inputShape;
    const shape: tfjs.Tensor4D["shape"] = [batch, height, width, filter.shape[2]];
    const one = { ...geometry, groups: 1 };
    const parts = filters!.map((taps, g) =>
      inputGradient(backend, inputGradientWay(backend, taps, slopes![g]!.shape, one), shape, taps, slopes![g]!, one),
    );
    return tfjs.concat(parts, 3);
  }
  if (way === "forward")
    return isUnit(geometry.strides)
      ? turnedConvolution(backend, filter, dy, geometry)
      : phaseByPhase(backend, inputShape, filter, dy, geometry);
  if (way === "library in float32") {
    const wide = inputGradient(
      backend,
      "library",
      inputShape,
      castTo(filter, "float32"),
      castTo(dy, "float32"),
      geometry,
    );
    return castTo(wide, truePrecision(dy));
  }
  const run = (of: readonly number[], attributes: TFEOpAttr[]): tfjs.Tensor =>
    backend.run("Conv2DBackpropInput", attributes, [tfjs.tensor1d([...of], "int32"), filter, dy], 1)[0]!;
  if (backend.eager.isUsingGpuDevice()) return run(inputShape, convAttributes(geometry));
  return libraryInputGradient(inputShape, filter.shape, geometry, {
    same: () => run(inputShape, convAttributes(geometry, true)),
    valid: (whole) => run(whole, convAttributes(unpadded(geometry))),
  });
}

/** The library's input gradient without a padding spelled out: with "SAME", or of the padded input, cut afterwards. */
export function libraryInputGradient(
  inputShape: tfjs.Tensor4D["shape"],
  kernel: readonly number[],
  geometry: ConvGeometry,
  { same, valid }: { same: () => tfjs.Tensor; valid: (inputShape: readonly number[]) => tfjs.Tensor },
): tfjs.Tensor {
  if (isUnpadded(geometry)) return valid(inputShape);
  if (isSamePadding(inputShape, kernel, geometry)) return same();
  const [batch, height, width, channels] = inputShape;
  const [[top, bottom], [left, right]] = geometry.padding;
  const whole = valid([batch, top + height + bottom, left + width + right, channels]);
  return tfjs.slice(whole, [0, top, left, 0], [...inputShape]);
}

export function filterGradient(
  backend: EngineBackend,
  way: Way,
  x: tfjs.Tensor4D,
  filterShape: tfjs.Tensor4D["shape"],
  dy: tfjs.Tensor4D,
  geometry: ConvGeometry,
): tfjs.Tensor {
  if (way === "by group") {
    const [images, slopes] = [x, dy].map((t): tfjs.Tensor4D[] => tfjs.split(t, geometry.groups, 3));
    const [height, width, channels, outputs] = filterShape;
    const shape: tfjs.Tensor4D["shape"] = [height, width, channels, outputs / geometry.groups];
    const one = { ...geometry, groups: 1 };
    const parts = images!.map((image, g) =>
      filterGradient(backend, filterGradientWay(backend, image, shape, one), image, shape, slopes![g]!, one),
    );
    return tfjs.concat(parts, 3);
  }
  if (way === "product") return asProduct(backend, x, filterShape, dy);
  if (way === "forward") return batchAsChannels(backend, x, filterShape, dy, geometry);
  if (way === "library in float32") {
    const wide = filterGradient(backend, "library", castTo(x, "float32"), filterShape, castTo(dy, "float32"), geometry);
    return castTo(wide, truePrecision(dy));
  }
  const shape = tfjs.tensor1d([...filterShape], "int32");
  const run = (image: tfjs.Tensor4D, attributes: TFEOpAttr[]): tfjs.Tensor =>
    backend.run("Conv2DBackpropFilter", attributes, [image, shape, dy], 1)[0]!;
  if (backend.eager.isUsingGpuDevice()) return run(x, convAttributes(geometry));
  if (isSamePadding(x.shape, filterShape, geometry)) return run(x, convAttributes(geometry, true));
  if (isUnpadded(geometry)) return run(x, convAttributes(geometry));
  const [vertical, horizontal] = geometry.padding;
  const padded = tfjs.pad(x, [[0, 0], [...vertical], [...horizontal], [0, 0]] as [number, number][]);
  return run(padded, convAttributes(unpadded(geometry)));
}

/** dx = dy convolved with the filter turned by half a turn and its channels exchanged, at stride 1. */
function turnedConvolution(
  backend: EngineBackend,
  filter: tfjs.Tensor4D,
  dy: tfjs.Tensor4D,
  geometry: ConvGeometry,
): tfjs.Tensor4D {
  const turned = exchangeChannels(tfjs.reverse(filter, [0, 1]), geometry.groups);
  return forwardConv(backend, dy, turned, { ...geometry, padding: turnedPadding(filter, geometry) });
}

/** [height, width, inputs of a group, outputs] to [height, width, outputs of a group, inputs]. */
function exchangeChannels(filter: tfjs.Tensor4D, groups: number): tfjs.Tensor4D {
  if (groups === 1) return tfjs.transpose(filter, [0, 1, 3, 2]);
  const [height, width, inputs, outputs] = filter.shape;
  const apart = tfjs.reshape(filter, [height, width, inputs, groups, outputs / groups]);
  return tfjs.reshape(tfjs.transpose(apart, [0, 1, 4, 3, 2]), [height, width, outputs / groups, groups * inputs]);
}

/**
 * With a stride s, each input place sees only every s-th tap: s times s turned convolutions with those, interleaved.
 */
function phaseByPhase(
  backend: EngineBackend,
  [, inputHeight, inputWidth, channels]: tfjs.Tensor4D["shape"],
  filter: tfjs.Tensor4D,
  dy: tfjs.Tensor4D,
  geometry: ConvGeometry,
): tfjs.Tensor4D {
  const [batch, dyHeight, dyWidth] = dy.shape;
  const [height, width] = filter.shape;
  const [down, right] = geometry.strides;
  const [[top, bottom], [left, after]] = geometry.padding;
  // Places of one phase, in the padded input.
  const rows = Math.ceil((inputHeight + top + bottom) / down);
  const columns = Math.ceil((inputWidth + left + after) / right);
  const turned = exchangeChannels(filter, geometry.groups);
  const phase = (y: number, x: number): tfjs.Tensor4D => {
    const end = [height, width, turned.shape[2], turned.shape[3]];
    const every = tfjs.stridedSlice(turned, [y, x, 0, 0], end, [down, right, 1, 1]);
    const taps = tfjs.reverse(every as tfjs.Tensor4D, [0, 1]);
    const padding: [Padding, Padding] = [
      [taps.shape[0] - 1, rows - dyHeight],
      [taps.shape[1] - 1, columns - dyWidth],
    ];
    return forwardConv(backend, dy, taps, { ...geometry, strides: [1, 1], padding });
  };
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const lines = range(down).map((y) => {
    const phases = range(right).map((x) => phase(y, x));
    return tfjs.reshape(tfjs.stack(phases, 3), [batch, rows, columns * right, channels]);
  });
  const padded: tfjs.Tensor4D = tfjs.reshape(tfjs.stack(lines, 2), [batch, rows * down, columns * right, channels]);
  return tfjs.slice(padded, [0, top, left, 0], [batch, inputHeight, inputWidth, channels]);
}

/**
 * dw[tap, channel, output] sums x over batch and place: a convolution of x with dy as its filter, in which the batch
 * plays the channels' part and the channels the batch's. The stride becomes the dilation. With groups, the channels of
 * one group play the batch's part, and each group's batch is a group of channels.
 */
function batchAsChannels(
  backend: EngineBackend,
  x: tfjs.Tensor4D,
  filterShape: tfjs.Tensor4D["shape"],
  dy: tfjs.Tensor4D,
  geometry: ConvGeometry,
): tfjs.Tensor4D {
  const [batch, imageHeight, imageWidth, all] = x.shape;
  const { groups } = geometry;
  const split = tfjs.reshape(x, [batch, imageHeight, imageWidth, groups, all / groups]);
  const images: tfjs.Tensor4D = tfjs.reshape(tfjs.transpose(split, [4, 1, 2, 3, 0]), [
    ...[all / groups, imageHeight, imageWidth, groups * batch],
  ] as [number, number, number, number]);
  const slopes: tfjs.Tensor4D = tfjs.transpose(dy, [1, 2, 0, 3]);
  const swapped = { ...geometry, strides: geometry.dilations, dilations: geometry.strides };
  const y = libraryConv(backend, images, slopes, swapped);
  const [height, width, channels, outputs] = filterShape;
  // Samples that a stride leaves over at the end would make further taps: they are not the filter's.
  const taps = tfjs.slice(y, [0, 0, 0, 0], [channels, height, width, outputs]);
  return tfjs.transpose(taps, [1, 2, 0, 3]);
}

/** A 1x1 convolution at stride 1 is a matrix product, and so is its filter gradient. */
function asProduct(
  backend: EngineBackend,
  x: tfjs.Tensor4D,
  filterShape: tfjs.Tensor4D["shape"],
  dy: tfjs.Tensor4D,
): tfjs.Tensor {
  const rows = tfjs.reshape(x, [-1, x.shape[3]]);
  const slopes = tfjs.reshape(dy, [-1, dy.shape[3]]);
  const product = backend.run("MatMul", productAttributes(true), [rows, slopes], 1)[0]!;
  return tfjs.reshape(product, [...filterShape]);
}
