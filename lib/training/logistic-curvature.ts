/** The Hessian of logistic regression: nearly all the work of a Newton step, so written for the processor's caches. */

/** Examples taken at once: each value of a block is loaded and stored once for so many of them. */
const TOGETHER = 4;

/**
 * Adds the curvature of the likelihood to the lower triangle of a Hessian of [outputs * width]^2.
 * @param design rows of features
 * @param probabilities of each output, [examples, outputs]
 * @param weights of each example
 */
export function addCurvature(
  hessian: Float64Array,
  design: readonly Float64Array[],
  probabilities: Float64Array,
  weights: Float64Array,
): void {
  const width = design[0]!.length;
  const outputs = probabilities.length / design.length;
  const size = outputs * width;
  const curves = new Float64Array(design.length);
  for (let k = 0; k < outputs; k++) {
    for (let l = 0; l <= k; l++) {
      for (let i = 0; i < design.length; i++) {
        const [p, q] = [probabilities[i * outputs + k]!, probabilities[i * outputs + l]!];
        curves[i] = weights[i]! * (k === l ? p * (1 - p) : -p * q);
      }
      const block = weightedSquares(design, curves);
      for (let f = 0; f < width; f++)
        for (let g = 0; g <= f; g++) {
          hessian[(k * width + f) * size + l * width + g]! += block[f * width + g]!;
          // the block is symmetric; of those beside the diagonal the Hessian's lower triangle holds all
          if (l < k && g < f) hessian[(k * width + g) * size + l * width + f]! += block[f * width + g]!;
        }
    }
  }
}

/** The sum over rows of weight times the row's outer product with itself: the lower triangle, [width, width]. */
function weightedSquares(rows: readonly Float64Array[], weights: Float64Array): Float64Array {
  const width = rows[0]!.length;
  const nothing = new Float64Array(width);
  const total = new Float64Array(width * width);
  for (let i = 0; i < rows.length; i += TOGETHER) {
    const [a, b, c, d] = [rows[i]!, rows[i + 1] ?? nothing, rows[i + 2] ?? nothing, rows[i + 3] ?? nothing];
    const [u, v, w, x] = [weights[i]!, weights[i + 1] ?? 0, weights[i + 2] ?? 0, weights[i + 3] ?? 0];
    for (let f = 0; f < width; f++) {
      const [s, t, y, z] = [u * a[f]!, v * b[f]!, w * c[f]!, x * d[f]!];
      const at = f * width;
      for (let g = 0; g <= f; g++) total[at + g]! += s * a[g]! + t * b[g]! + y * c[g]! + z * d[g]!;
    }
  }
  return total;
}
