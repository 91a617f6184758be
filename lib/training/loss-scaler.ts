/**
 * Dynamic loss scaling for float16, by the rule of PyTorch's GradScaler: the loss is multiplied by a scale before the
 * gradients are taken, and the gradients divided by it. The scale falls where they overflow, and grows after a while
 * without.
 */

export interface LossScalerOptions {
  /** The first scale. Default 65536. */
  scale?: number;
  /** Default 2. */
  growthFactor?: number;
  /** Default 0.5. */
  backoffFactor?: number;
  /** Steps without overflow until the scale grows. Default 2000. */
  growthInterval?: number;
}
