/** Weights of the large models: resnet50's as timm and torchvision call them, and what each model's first and last are. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { writeSafetensors } from "../../lib/formats";
import { listModels, type Model } from "../../lib/models";
import { firstConvolutionOf, headOf } from "../../lib/models/weights";
import { loadPretrained } from "../../lib/training";
import { scratchFolder } from "../support/problems";
import { checkEval, readGoldenModel } from "./golden-model";
import { goldenWeights, safe, unfilled } from "./weight-files";

test("resnet50 from a file, logits equal to timm's; for one channel, the sum of three", (t) => {
  const golden = readGoldenModel("resnet50_c5");
  const path = join(scratchFolder(t), "resnet50.safetensors");
  const weights = goldenWeights(golden);
  writeSafetensors(path, safe(weights));
  const model = unfilled("resnet50", { classes: 5 });
  assert.equal(loadPretrained(model, path).loaded.length, weights.size);
  checkEval(model, golden.cases[0]!);
  model.dispose();
  const grey = unfilled("resnet50", { classes: 2, channels: 1 });
  const { adapted, left } = loadPretrained(grey, path, { head: "new" });
  assert.deepEqual([adapted.map(({ name }) => name), left], [["conv1.weight"], ["fc.weight", "fc.bias"]]);
  const { values } = weights.get("conv1.weight")!;
  const sum = values[0]! + values[49]! + values[98]!;
  assert.equal(grey.readState().get("conv1.weight")!.values[0], Math.fround(sum));
  grey.dispose();
});

test("the first convolution and the last layer, in every model of the registry that has such", () => {
  const heads = new Map<string, string>();
  for (const { name, options, input } of listModels()) {
    // Networks of half a gigabyte would only take time; their kin are checked.
    if (/ecg_res(net50|net101|next)/.test(name)) continue;
    const make = (given: object): Model => unfilled(name, { ...given });
    const shapes = (model: Model): Map<string, string> =>
      new Map(Array.from(model.readState(), ([key, { shape }]) => [key, shape.join()]));
    const changed = (a: Model, b: Model): string[] => {
      const [one, other] = [shapes(a), shapes(b)];
      return [...one.keys()].filter((key) => one.get(key) !== other.get(key));
    };
    const model = make({});
    if (name === "relative_positioning") {
      // Its last layer compares two windows; `classes` is of the network within.
      assert.equal(headOf(model), undefined);
    } else if (options.includes("classes")) {
      const other = make({ classes: (model.config["classes"] as number) + 2 });
      assert.deepEqual(headOf(model), changed(model, other), name);
      heads.set(name, headOf(model)!.join(" "));
      other.dispose();
    }
    if (input === "image" && options.includes("channels")) {
      const other = make({ channels: 5 });
      assert.deepEqual([firstConvolutionOf(model)], changed(model, other), name);
      other.dispose();
    }
    model.dispose();
  }
  assert.equal(heads.get("resnet50"), "fc.weight fc.bias");
  assert.equal(heads.get("tiny_vit_5m_224"), "head.fc.weight head.fc.bias");
});
