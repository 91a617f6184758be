export { type Logits, logits, type Probabilities, probabilities, toProbabilities } from "../training/probabilities";
export { blendByScore, scoreWeights, weightedMean } from "./blend";
export { labelsAbove } from "./decisions";
