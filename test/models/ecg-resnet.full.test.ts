import { test } from "node:test";
import { checkEval, checkEvalGradients, checkTables, checkTrain, filledModel, readGoldenModel } from "./golden-model";

const names = ["ecg_resnet50", "ecg_resnext50_2x64d", "ecg_resnet101"];

for (const name of names) {
  for (const ageAndSex of [true, false]) {
    test(`${name} ${ageAndSex ? "with" : "without"} age and sex equals PyTorch's, 1000 and 5000 samples`, () => {
      const golden = readGoldenModel(`${name}_${ageAndSex ? "meta" : "basic"}`);
      const model = filledModel(name, { ageAndSex, dropout: 0 }, golden);
      checkTables(model, golden);
      const before = model.readState();
      for (const example of golden.cases) {
        checkEval(model, example);
        if (example.train === undefined) continue;
        checkEvalGradients(model, example);
        checkTrain(model, example);
        model.loadState(before); // the running statistics moved
      }
      model.dispose();
    });
  }
}
