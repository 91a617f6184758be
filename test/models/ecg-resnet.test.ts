import { test } from "node:test";
import { checkEval, checkEvalGradients, checkTables, checkTrain, filledModel, readGoldenModel } from "./golden-model";

// The other variants and the 5000-sample cases: ecg-resnet.full.test.ts.
const files = [
  { file: "ecg_resnet50_meta", name: "ecg_resnet50", ageAndSex: true },
  { file: "ecg_resnext50_2x64d_basic", name: "ecg_resnext50_2x64d", ageAndSex: false },
];

for (const { file, name, ageAndSex } of files) {
  test(`${name} ${ageAndSex ? "with" : "without"} age and sex equals PyTorch's`, async (t) => {
    const golden = readGoldenModel(file);
    const model = filledModel(name, { ageAndSex, dropout: 0 }, golden);
    const [short] = golden.cases;
    await t.test("names, shapes, order and count", () => checkTables(model, golden));
    await t.test("logits and intermediates", () => checkEval(model, short!));
    await t.test("gradients with running statistics", () => checkEvalGradients(model, short!));
    await t.test("training: logits, loss, gradients, running statistics", () => checkTrain(model, short!));
    model.dispose();
  });
}
