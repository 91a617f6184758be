/**
 * Logistic regression with an L2 penalty, solved to the optimum by Newton's method in float64: the baseline that a
 * network has to beat, and the classifier on frozen features. The objective is scikit-learn's:
 * `C * sum_i w_i * nll_i + 0.5 * sum(coef^2)`, intercepts not penalised.
 */
import { SignalbookError } from "../core/errors";
import { addCurvature } from "./logistic-curvature";

/** Mean 0 and standard deviation 1 a feature, as fitted on training rows. */
export interface StandardScaler {
  readonly mean: Float64Array;
  /** Population standard deviation; 1 for a feature that does not vary. */
  readonly scale: Float64Array;
}

/** @param rows [examples][features] */
export function fitScaler(rows: readonly ArrayLike<number>[]): StandardScaler {
  const features = widthOf(rows);
  const mean = new Float64Array(features);
  const scale = new Float64Array(features);
  for (let f = 0; f < features; f++) {
    let total = 0;
    for (const row of rows) total += row[f]!;
    mean[f] = total / rows.length;
    let squares = 0;
    for (const row of rows) squares += (row[f]! - mean[f]!) ** 2;
    scale[f] = Math.sqrt(squares / rows.length) || 1;
  }
  return { mean, scale };
}

export function applyScaler({ mean, scale }: StandardScaler, rows: readonly ArrayLike<number>[]): Float64Array[] {
  return rows.map((row) => {
    if (row.length !== mean.length)
      throw new SignalbookError("a row of another width than the scaler was fitted on", {
        found: `${row.length} features`,
        expected: `${mean.length}`,
      });
    return Float64Array.from(row, (value, f) => (value - mean[f]!) / scale[f]!);
  });
}

export interface LogisticOptions {
  /** Inverse of the penalty. Default 1. */
  C?: number;
  /** balanced: examples / (classes * count of the class). Default none. */
  classWeight?: "balanced" | "none";
}

/** One row of weights a class (multinomial), or one row in all (binary: the log-odds of the positive class). */
export interface LogisticModel {
  readonly classes: number;
  /** [rows][features] */
  readonly coef: Float64Array[];
  readonly intercept: Float64Array;
}

/**
 * Multinomial regression over two or more classes.
 * @param rows [examples][features], scaled beforehand
 * @param labels class index of each row; every class must occur
 */
export function fitMultinomial(
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  classes: number,
  options: LogisticOptions = {},
): LogisticModel {
  const targets = new Float64Array(rows.length * classes);
  const given = requireLabels(rows, labels, classes);
  given.forEach((label, i) => {
    targets[i * classes + label] = 1;
  });
  return fitRows(rows, { classes, outputs: classes, targets, weights: labelWeights(given, classes, options) }, options);
}

/**
 * Multinomial regression on shares of classes: an example counts for each class as much as its share of it, so that what is
 * fitted is the distribution of votes and not the class with most of them.
 * @param rows [examples][features], scaled beforehand
 * @param shares [examples, classes], each example's with a sum of 1; every class must have some
 */
export function fitShares(
  rows: readonly ArrayLike<number>[],
  shares: ArrayLike<number>,
  classes: number,
  options: LogisticOptions = {},
): LogisticModel {
  widthOf(rows);
  const targets = Float64Array.from(shares);
  if (targets.length !== rows.length * classes) throw differ(rows.length, targets.length / classes);
  const masses = new Array<number>(classes).fill(0);
  for (let i = 0; i < rows.length; i++) {
    const own = targets.subarray(i * classes, (i + 1) * classes);
    const total = own.reduce((sum, share) => sum + share, 0);
    if (own.some((share) => !(share >= 0)) || !(Math.abs(total - 1) < 1e-5))
      throw new SignalbookError("shares that are no distribution", {
        place: `row ${i}`,
        found: own.join(", "),
        expected: "numbers from 0 up with a sum of 1",
      });
    own.forEach((share, k) => {
      own[k] = share / total; // shares in float32 miss their sum by some bits
      masses[k]! += share;
    });
  }
  const factors = classFactors(masses, options);
  const weights = Float64Array.from(rows, (_, i) =>
    factors.reduce((sum, w, k) => sum + w * targets[i * classes + k]!, 0),
  );
  return fitRows(rows, { classes, outputs: classes, targets, weights }, options);
}

/** Binary regression: the labels are 0 and 1, and both must occur. */
export function fitBinary(
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  options: LogisticOptions = {},
): LogisticModel {
  const given = requireLabels(rows, labels, 2);
  const weights = labelWeights(given, 2, options);
  return fitRows(rows, { classes: 2, outputs: 1, targets: Float64Array.from(given), weights }, options);
}

/** Probability of each class for each row, [examples][classes]. */
export function predictLogistic(model: LogisticModel, rows: readonly ArrayLike<number>[]): Float64Array[] {
  return rows.map((row) => {
    const p = activate(model.coef.map((coef, r) => dot(coef, row) + model.intercept[r]!));
    return model.coef.length === 1 ? Float64Array.of(1 - p[0]!, p[0]!) : p;
  });
}

interface Fit {
  classes: number;
  /** As many as classes; or one, of the positive class of two. */
  outputs: number;
  /** What each output should be, [examples, outputs]. */
  targets: Float64Array;
  /** Of each example. */
  weights: Float64Array;
}

function fitRows(
  rows: readonly ArrayLike<number>[],
  { classes, outputs, targets, weights }: Fit,
  { C = 1 }: LogisticOptions,
): LogisticModel {
  const features = rows[0]!.length;
  if (!(C > 0)) throw new SignalbookError("C out of range", { found: String(C), expected: "above 0" });
  const scales = weights.map((weight) => C * weight);
  const width = features + 1; // the intercept is the last column of each output
  const design = rows.map((row) => Float64Array.from({ length: width }, (_, f) => (f === features ? 1 : row[f]!)));
  const size = outputs * width;
  const scoresOf = (theta: Float64Array, x: Float64Array): number[] =>
    Array.from({ length: outputs }, (_, k) => dot(theta.subarray(k * width, (k + 1) * width), x));
  const objective = (theta: Float64Array): number => {
    let loss = 0;
    design.forEach((x, i) => {
      loss += scales[i]! * negativeLogLikelihood(scoresOf(theta, x), (k) => targets[i * outputs + k]!);
    });
    theta.forEach((value, j) => {
      if (j % width !== features) loss += 0.5 * value * value;
    });
    return loss;
  };

  let theta: Float64Array = new Float64Array(size);
  let value = objective(theta);
  let lastDecrement = Infinity;
  for (let iteration = 0; iteration < 100; iteration++) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    theta.forEach((weight, j) => {
      const penalised = j % width !== features;
      if (penalised) gradient[j] = weight;
      hessian[j * size + j] = penalised ? 1 : 1e-9;
    });
    // A shift of all intercepts changes nothing, so the Hessian is singular there; the gradient has no part in that
    // direction but rounding, and curvature of its own keeps that from growing, without moving the optimum.
    if (outputs > 1)
      for (let k = 0; k < outputs; k++)
        for (let l = 0; l <= k; l++) hessian[(k * width + features) * size + l * width + features]! += 1;
    const given = new Float64Array(design.length * outputs);
    design.forEach((x, i) => {
      const p = activate(scoresOf(theta, x));
      given.set(p, i * outputs);
      for (let k = 0; k < outputs; k++) {
        const slope = scales[i]! * (p[k]! - targets[i * outputs + k]!);
        for (let f = 0; f < width; f++) gradient[k * width + f]! += slope * x[f]!;
      }
    });
    addCurvature(hessian, design, given, scales);
    const step = solveCholesky(hessian, gradient);
    const decrement = gradient.reduce((total, g, j) => total + g * step[j]!, 0);
    // Newton's steps square the decrement until rounding in the gradient is all that is left of it: large where large
    // weights of a rare class meet scores that leave no doubt.
    const rounding = decrement < 1e-12 * Math.max(1, value) && decrement > 0.1 * lastDecrement;
    if (decrement < 1e-22 * Math.max(1, value) || rounding) return unpack(theta, classes, outputs, width);
    lastDecrement = decrement;
    let rate = 1;
    let next = theta.map((t, j) => t - rate * step[j]!);
    let nextValue = objective(next);
    // Near the optimum the objective cannot resolve the gain any more: a full Newton step is right there.
    while (nextValue > value - 1e-4 * rate * decrement && decrement > 1e-12 * Math.max(1, value) && rate > 1e-10) {
      rate /= 2;
      next = theta.map((t, j) => t - rate * step[j]!);
      nextValue = objective(next);
    }
    theta = next;
    value = nextValue;
  }
  throw new SignalbookError("logistic regression did not converge in 100 Newton steps", {
    fix: "scale the features, or lower C",
  });
}

function differ(rows: number, labels: number): SignalbookError {
  return new SignalbookError("rows and labels differ in number", { found: `${rows} and ${labels}` });
}

function requireLabels(rows: readonly ArrayLike<number>[], labels: ArrayLike<number>, classes: number): Int32Array {
  widthOf(rows);
  if (labels.length !== rows.length) throw differ(rows.length, labels.length);
  for (let i = 0; i < rows.length; i++)
    if (!(Number.isInteger(labels[i]) && labels[i]! >= 0 && labels[i]! < classes))
      throw new SignalbookError("a class index out of range", {
        place: `row ${i}`,
        found: String(labels[i]),
        expected: `0 .. ${classes - 1}`,
      });
  return Int32Array.from(labels);
}

function labelWeights(labels: Int32Array, classes: number, options: LogisticOptions): Float64Array {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  const factors = classFactors(counts, options);
  return Float64Array.from(labels, (label) => factors[label]!);
}

/** What an example of each class counts. @param counts of examples; or sums of shares */
function classFactors(counts: readonly number[], { classWeight = "none" }: LogisticOptions): number[] {
  const empty = counts.findIndex((count) => !(count > 0));
  if (empty >= 0)
    throw new SignalbookError("a class without examples cannot be fitted", {
      found: `no row of class ${empty}`,
      fix: "leave the class out",
    });
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (classWeight === "balanced" ? total / (counts.length * count) : 1));
}

function unpack(theta: Float64Array, classes: number, outputs: number, width: number): LogisticModel {
  return {
    classes,
    coef: Array.from({ length: outputs }, (_, k) => theta.slice(k * width, k * width + width - 1)),
    intercept: Float64Array.from({ length: outputs }, (_, k) => theta[k * width + width - 1]!),
  };
}

/** Softmax, or for one output the sigmoid. */
function activate(z: readonly number[]): Float64Array {
  if (z.length === 1) {
    const e = Math.exp(-Math.abs(z[0]!));
    return Float64Array.of(z[0]! >= 0 ? 1 / (1 + e) : e / (1 + e));
  }
  const top = Math.max(...z);
  const exponentials = z.map((value) => Math.exp(value - top));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return Float64Array.from(exponentials, (e) => e / total);
}

function negativeLogLikelihood(z: readonly number[], target: (k: number) => number): number {
  if (z.length === 1) return Math.max(z[0]!, 0) - z[0]! * target(0) + Math.log1p(Math.exp(-Math.abs(z[0]!)));
  const top = Math.max(...z);
  const logTotal = top + Math.log(z.reduce((total, value) => total + Math.exp(value - top), 0));
  return z.reduce((loss, value, k) => loss + target(k) * (logTotal - value), 0);
}

/** Solves `a x = b` for a symmetric positive definite `a` of which the lower triangle is given; `a` is overwritten. */
function solveCholesky(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let total = a[i * n + j]!;
      for (let k = 0; k < j; k++) total -= a[i * n + k]! * a[j * n + k]!;
      if (i === j) {
        if (!(total > 0)) throw new SignalbookError("features that are not finite, or far too large, cannot be fitted");
        a[j * n + j] = Math.sqrt(total);
      } else a[i * n + j] = total / a[j * n + j]!;
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!;
    x[i]! /= a[i * n + i]!;
  }
  return x;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new SignalbookError("a row of another width than the model was fitted on", {
      found: `${b.length} features`,
      expected: `${a.length}`,
    });
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

function widthOf(rows: readonly ArrayLike<number>[]): number {
  const width = rows[0]?.length;
  if (width === undefined || width === 0) throw new SignalbookError("no features to fit");
  rows.forEach((row, i) => {
    for (let f = 0; f < row.length || f < width; f++) {
      if (!Number.isFinite(row[f]))
        throw new SignalbookError("a feature that is no finite number", {
          place: `row ${i}, feature ${f}`,
          found: String(row[f]),
        });
    }
  });
  return width;
}
