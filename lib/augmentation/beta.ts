/** Draws from the beta distribution: how much of one example a mixture holds. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";

/**
 * One draw from Beta(a, b), number for number that of NumPy's `RandomState.beta`: Jöhnk's rejection where neither
 * parameter exceeds 1, the share of two gamma variates otherwise.
 */
export function drawBeta(a: number, b: number, random: Generator): number {
  if (!(a > 0 && b > 0 && Number.isFinite(a + b)))
    throw new SignalbookError("parameters of a beta distribution", {
      found: `${a}, ${b}`,
      expected: "two positive numbers",
    });
  if (a > 1 || b > 1) {
    const one = drawGamma(a, random);
    return one / (one + drawGamma(b, random));
  }
  for (;;) {
    const [u, v] = [random.random(), random.random()];
    const [x, y] = [u ** (1 / a), v ** (1 / b)];
    if (x + y > 1 || u + v === 0) continue;
    if (x + y > 0) return x / (x + y);
    // Both powers fell below the smallest double: their ratio is had from logarithms.
    return 1 / (1 + Math.exp(Math.log(v) / b - Math.log(u) / a));
  }
}

const drawExponential = (random: Generator): number => -Math.log(1 - random.random());

/** Standard gamma of a shape: Ahrens and Dieter's rejection below 1, Marsaglia and Tsang's above. */
function drawGamma(shape: number, random: Generator): number {
  if (shape === 1) return drawExponential(random);
  if (shape > 1) return drawLargeGamma(shape - 1 / 3, random);
  for (;;) {
    const u = random.random();
    const v = drawExponential(random);
    if (u <= 1 - shape) {
      const x = u ** (1 / shape);
      if (x <= v) return x;
    } else {
      const y = -Math.log((1 - u) / shape);
      const x = (1 - shape + shape * y) ** (1 / shape);
      if (x <= v + y) return x;
    }
  }
}

function drawLargeGamma(scale: number, random: Generator): number {
  const c = 1 / Math.sqrt(9 * scale);
  for (;;) {
    const x = random.normal();
    if (1 + c * x <= 0) continue;
    const v = (1 + c * x) ** 3;
    const u = random.random();
    if (u < 1 - 0.0331 * x ** 4) return scale * v;
    if (Math.log(u) < 0.5 * x * x + scale * (1 - v + Math.log(v))) return scale * v;
  }
}
