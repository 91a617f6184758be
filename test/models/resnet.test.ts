import { test } from "node:test";
import { checkEval, checkEvalGradients, checkTables, checkTrain, filledModel, readGoldenModel } from "./golden-model";

// 224 pixels: resnet.full.test.ts. The second file has larger weights and a batch of 4.
for (const file of ["resnet50_c5", "resnet50_c5_gain"]) {
  test(`resnet50 equals timm's: ${file}`, async (t) => {
    const golden = readGoldenModel(file);
    const model = filledModel("resnet50", { classes: 5 }, golden);
    const [small] = golden.cases;
    await t.test("names, shapes, order and count", () => checkTables(model, golden));
    await t.test("logits and intermediates", () => checkEval(model, small!));
    await t.test("gradients with running statistics", () => checkEvalGradients(model, small!));
    await t.test("training: logits, loss, gradients, running statistics", () => checkTrain(model, small!));
    model.dispose();
  });
}
