/**
 * Losses from logits. All are averaged over the batch; examples count by their weight where weights differ. Classes
 * that do not exclude each other take the sigmoid losses, exactly one class takes the softmax losses.
 */
export { type AttnSleepWeightOptions, attnSleepClassWeights, publishedClassWeights } from "./class-weights";
export type { Loss } from "./loss";
export {
  type FocalOptions,
  type SigmoidFocalOptions,
  type SoftmaxFocalOptions,
  sigmoidFocal,
  softmaxFocal,
} from "./losses-focal";
export { binaryCrossEntropy, ecgLoss, type SigmoidLossOptions } from "./losses-sigmoid";
export {
  type CrossEntropyOptions,
  crossEntropy,
  doubleSoftmaxCrossEntropy,
  type KlOptions,
  klDivergence,
} from "./losses-softmax";
