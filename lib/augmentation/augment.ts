/** An augmentation of images applied to an example. */
import type { Generator } from "../core/random";
import type { ImageExample } from "./image";
import type { ImageAugmentation } from "./presets";
import { applySteps } from "./steps";

/**
 * The example after the steps and, where its chance falls so, mixed with another one that went through the same steps.
 * @param partner draws the other example; asked only when one is mixed in.
 */
export function augmentImage(
  example: ImageExample,
  { steps, mix }: ImageAugmentation,
  partner: (random: Generator) => ImageExample,
  random: Generator,
): ImageExample {
  const changed = { ...example, image: applySteps(example.image, steps, random) };
  if (mix === null || !mix.chance.drawn(random)) return changed;
  const other = partner(random);
  const { image, target } = mix.mix(changed, { ...other, image: applySteps(other.image, steps, random) }, random);
  return { ...changed, image, target };
}
