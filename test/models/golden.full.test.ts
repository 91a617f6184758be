/** The large architectures and the golden files' large inputs; what is small: golden.test.ts. */
import { test } from "node:test";
import { checkEval, checkEvalGradients, checkTables, checkTrain, filledModel, readGoldenModel } from "./golden-model";

/** `from`: the first of the file's cases to run, where golden.test.ts has those before. */
const large: [name: string, file: string, options: Record<string, unknown>, from?: number][] = [
  ["resnext50_32x4d", "resnext50_32x4d_c5", { classes: 5 }, 1],
  ["vit_tiny_patch16_224", "vit_tiny_patch16_224_c5", { classes: 5 }],
  ["vit_base_patch16_224", "vit_base_patch16_224_c5", { classes: 5 }],
  ["tf_efficientnet_b0", "tf_efficientnet_b0_c5", { classes: 5 }, 1],
  ["tf_efficientnet_b0", "tf_efficientnet_b0_c5_gain", { classes: 5 }, 1],
  ["tf_efficientnet_b4", "tf_efficientnet_b4_c5", { classes: 5 }],
  ["tf_efficientnet_b4", "tf_efficientnet_b4_c5_gain", { classes: 5 }],
  ["tf_efficientnet_b4", "tf_efficientnet_b4_c1000", {}],
  ["tiny_vit_5m_224", "tiny_vit_5m_224_c5", { classes: 5 }, 1],
  ["tiny_vit_21m_512", "tiny_vit_21m_512_in1_c6", { channels: 1, classes: 6, dropPath: 0 }, 1],
  ["iitnet_strip", "iitnet_strip75_c5", { height: 75, dropout: 0 }],
];

for (const [name, file, options, from = 0] of large)
  test(`${name} equals the reference: ${file}`, async (t) => {
    const golden = readGoldenModel(file);
    const model = filledModel(name, options, golden);
    checkTables(model, golden);
    const before = model.readState();
    for (const example of golden.cases.slice(from))
      await t.test(`input [${example.inputs[0]!.shape!.join(", ")}]`, () => {
        checkEval(model, example);
        if (example.eval.loss_f64 !== undefined) checkEvalGradients(model, example);
        if (example.train !== undefined) checkTrain(model, example);
        model.loadState(before); // the running statistics moved
      });
    model.dispose();
  });
