import { test } from "node:test";
import { checkEval, checkEvalGradients, checkTrain, filledModel, readGoldenModel } from "./golden-model";

test("resnet50 equals timm's at 224 pixels", () => {
  const golden = readGoldenModel("resnet50_c5");
  const model = filledModel("resnet50", { classes: 5 }, golden);
  const large = golden.cases.find(({ inputs }) => inputs[0]!.shape![2] === 224)!;
  checkEval(model, large);
  checkEvalGradients(model, large);
  checkTrain(model, large);
  model.dispose();
});
