/** Augmentations of pictures and of signals as a training loop takes them. */
import {
  applySteps,
  augmentImage,
  type ImageAugmentation,
  type ImageExample,
  type LeadSignal,
  type Step,
} from "../augmentation";
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import type { Augmentation, Dataset, Example } from "./dataset";

/** Draws the example that another one is mixed with. */
export type Partner = (random: Generator) => Example;

/** Any of the examples, each as likely as the others; it may be the very one it is mixed with. */
export function anyExample(dataset: Pick<Dataset, "length" | "example">): Partner {
  return (random) => dataset.example(random.below(dataset.length));
}

/**
 * Steps on one image after another, and mixing with the partner's. Inputs are [height, width, channels]; what is mixed
 * keeps its own id, group, weight and further inputs.
 */
export function imageAugmentation(augmentation: ImageAugmentation, partner: Partner): Augmentation {
  return (example, inputShape, random) => {
    const [height, width, channels] = inputShape;
    if (height === undefined || width === undefined || channels === undefined || inputShape.length !== 3)
      throw new SignalbookError("inputs that are no images", {
        found: `[${inputShape.join(", ")}]`,
        expected: "[height, width, channels]",
      });
    const pictured = ({ input, target }: Example): ImageExample => ({
      image: { height, width, channels, pixels: input },
      target,
    });
    const { image, target } = augmentImage(pictured(example), augmentation, (draw) => pictured(partner(draw)), random);
    return { ...example, input: image.pixels, target };
  };
}

/** Steps on signals [time, leads]. */
export function signalAugmentation(steps: readonly Step<LeadSignal>[]): Augmentation {
  return (example, inputShape, random) => {
    const [, leads] = inputShape;
    if (leads === undefined || inputShape.length !== 2)
      throw new SignalbookError("inputs that are no signals", {
        found: `[${inputShape.join(", ")}]`,
        expected: "[time, leads]",
      });
    return { ...example, input: applySteps({ samples: example.input, leads }, steps, random).samples };
  };
}
