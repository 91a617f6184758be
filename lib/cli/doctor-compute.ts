/** Two small computations on the engine beside the same in plain loops: does it compute, and rightly? */
import { Generator } from "../core/random";

export interface Computed {
  /** What was computed, for the reader: "64 x 96 by 96 x 48". */
  shape: string;
  /** Largest difference from the plain loops, relative to the largest value. */
  largestError: number;
  tolerance: number;
  /** Of the second run: the first one warms up. */
  milliseconds: number;
}

/** float32 sums of some hundred terms are off by a few 1e-7 of the largest value; a GPU's TF32 by up to 1e-3. */
const tolerances = { CPU: 1e-5, GPU: 5e-3 } as const;

async function onEngine(
  compute: () => Float32Array,
): Promise<{ values: Float32Array; milliseconds: number; tolerance: number }> {
  const { startEngine } = await import("../engine");
  compute();
  const start = performance.now();
  const values = compute();
  const milliseconds = performance.now() - start;
  return { values, milliseconds, tolerance: /GPU/.test(startEngine().device) ? tolerances.GPU : tolerances.CPU };
}

/** A matrix product. */
export async function checkMatrixProduct(): Promise<Computed> {
  const { tf } = await import("../engine");
  const [rows, inner, cols] = [64, 96, 48];
  const generator = new Generator(1);
  const a = normals(generator, rows * inner);
  const b = normals(generator, inner * cols);
  const expected = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++)
      for (let j = 0; j < cols; j++) expected[i * cols + j]! += a[i * inner + k]! * b[k * cols + j]!;
  const { values, ...rest } = await onEngine(() =>
    tf.tidy(() => tf.matMul(tf.tensor2d(a, [rows, inner]), tf.tensor2d(b, [inner, cols])).dataSync() as Float32Array),
  );
  return { shape: `${rows} x ${inner} by ${inner} x ${cols}`, largestError: largestError(values, expected), ...rest };
}

/** The gradient of a convolution (3 x 3, stride 1, no padding) with respect to its filter, by tfjs' tape. */
export async function checkConvolutionGradient(): Promise<Computed> {
  const { tf, conv2d } = await import("../engine");
  const [batch, side, inputs, kernel, outputs] = [2, 12, 4, 3, 5];
  const out = side - kernel + 1;
  const generator = new Generator(2);
  const x = normals(generator, batch * side * side * inputs);
  const filter = normals(generator, kernel * kernel * inputs * outputs);
  const upstream = normals(generator, batch * out * out * outputs);
  const expected = new Float64Array(filter.length);
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < out; row++)
      for (let col = 0; col < out; col++)
        for (let dy = 0; dy < kernel; dy++)
          for (let dx = 0; dx < kernel; dx++)
            for (let c = 0; c < inputs; c++)
              for (let o = 0; o < outputs; o++)
                expected[((dy * kernel + dx) * inputs + c) * outputs + o]! +=
                  x[((n * side + row + dy) * side + col + dx) * inputs + c]! *
                  upstream[((n * out + row) * out + col) * outputs + o]!;
  const { values, ...rest } = await onEngine(() =>
    tf.tidy(() => {
      const signal = tf.tensor4d(x, [batch, side, side, inputs]);
      const gradient = tf.grad((weights) => conv2d(signal, weights as ReturnType<typeof tf.tensor4d>));
      const dy = tf.tensor4d(upstream, [batch, out, out, outputs]);
      return gradient(tf.tensor4d(filter, [kernel, kernel, inputs, outputs]), dy).dataSync() as Float32Array;
    }),
  );
  const shape = `${batch} x ${side} x ${side} x ${inputs}, filter ${kernel} x ${kernel} to ${outputs}`;
  return { shape, largestError: largestError(values, expected), ...rest };
}

function normals(generator: Generator, length: number): Float32Array {
  return Float32Array.from({ length }, () => generator.normal());
}

/** NaN where any value is not finite, so that no comparison with a tolerance passes. */
function largestError(values: Float32Array, expected: Float64Array): number {
  if (values.length !== expected.length) return Number.NaN;
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return values.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!) / scale), 0);
}
