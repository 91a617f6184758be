/** What a network looks at, asked by covering it: how much worse are its answers when a part of the picture is missing? */
import { SignalbookError } from "../core/errors";
import type { ImageArea } from "../preprocessing/hms-areas";
import type { Dataset } from "./dataset";

/**
 * The same pictures with one area of each set to `fill` in all channels.
 * @param dataset of pictures, [height, width, channels]
 * @throws SignalbookError for examples that are no pictures, and an area that is empty or reaches beyond them
 */
export function occluded(dataset: Dataset, area: ImageArea, fill = 0): Dataset {
  const [height, width, channels, ...more] = dataset.inputShape;
  if (height === undefined || width === undefined || channels === undefined || more.length > 0)
    throw new SignalbookError("examples that are no pictures", {
      place: dataset.name,
      found: `[${dataset.inputShape.join(", ")}]`,
      expected: "[height, width, channels]",
    });
  const top = Math.round(area.top * height);
  const bottom = Math.round((area.top + area.height) * height);
  const left = Math.round(area.left * width);
  const right = Math.round((area.left + area.width) * width);
  if (!(top >= 0 && left >= 0 && bottom <= height && right <= width && bottom > top && right > left))
    throw new SignalbookError("an area that is not in the picture", {
      place: area.name,
      found: `rows ${top} to ${bottom - 1}, columns ${left} to ${right - 1}`,
      expected: `at least one pixel within ${height} rows and ${width} columns`,
    });
  return {
    ...dataset,
    name: `${dataset.name} without ${area.name}`,
    example(index) {
      const example = dataset.example(index);
      const input = example.input.slice();
      for (let y = top; y < bottom; y++)
        input.fill(fill, (y * width + left) * channels, (y * width + right) * channels);
      return { ...example, input };
    },
  };
}
