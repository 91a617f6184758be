/** What a plan of real transforms is, and how plans are kept. */
import { SignalbookError } from "../core/errors";

/** Two real transforms at a time, forward and unscaled. Its arrays are its own and change with every use. */
export interface PairTransform {
  readonly length: number;
  /** floor(length / 2) + 1. */
  readonly bins: number;
  /** Sample i of transform 0 goes to `input[i * step]`, of transform 1 to the place behind it. Other places are 0. */
  readonly input: Float64Array;
  readonly step: number;
  /** Two frames, what is taken off either, and what both are multiplied by: `taper` makes them the input. */
  readonly frames: readonly [Float64Array, Float64Array];
  readonly levels: Float64Array;
  readonly shape: Float64Array;
  taper(): void;
  /** Coefficients of either, after `transform`. */
  readonly re: readonly [Float64Array, Float64Array];
  readonly im: readonly [Float64Array, Float64Array];
  /** Squared magnitudes of either, after `power`. */
  readonly squares: readonly [Float64Array, Float64Array];
  transform(): void;
  power(): void;
}

/** The most samples that the plans kept may have together: they take some hundred bytes for each. */
const KEPT_SAMPLES = 1 << 19;

/** And the most plans: V8 sets aside some gigabytes of addresses (not of memory) for each WebAssembly memory. */
const KEPT_PLANS = 32;

/** Plans by length. The oldest make room; one longer than the limit is not kept. */
export class PlanCache<Plan> {
  private readonly plans = new Map<number, Plan>();
  private total = 0;

  /** @param limit samples, of all plans together. */
  constructor(
    private readonly limit: number = KEPT_SAMPLES,
    private readonly most: number = KEPT_PLANS,
  ) {}

  /** @throws SignalbookError for a length that is no integer of 1 or more. */
  get(length: number, make: (length: number) => Plan): Plan {
    const kept = this.plans.get(length);
    if (kept !== undefined) return kept;
    if (!Number.isInteger(length) || length < 1)
      throw new SignalbookError("a transform of nothing", { found: `${length} samples`, expected: "1 or more" });
    const plan = make(length);
    if (length > this.limit) return plan;
    this.plans.set(length, plan);
    this.total += length;
    for (const oldest of this.plans.keys()) {
      if (this.total <= this.limit && this.plans.size <= this.most) break;
      this.plans.delete(oldest);
      this.total -= oldest;
    }
    return plan;
  }

  /** Lengths of the plans kept, the oldest first. */
  get lengths(): number[] {
    return [...this.plans.keys()];
  }
}
