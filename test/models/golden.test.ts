/** Each architecture beside the reference implementation's numbers, on the golden files' small inputs. */
import { test } from "node:test";
import { checkEval, checkEvalGradients, checkTables, checkTrain, filledModel, readGoldenModel } from "./golden-model";

/** Large inputs and the larger relatives: golden.full.test.ts. */
const small: [name: string, file: string, options: Record<string, unknown>][] = [
  ["resnext50_32x4d", "resnext50_32x4d_c5", { classes: 5 }],
  ["vit_tiny_patch16_224", "vit_tiny_patch16_64_c5", { classes: 5, height: 64, width: 64 }],
  ["tf_efficientnet_b0", "tf_efficientnet_b0_c5", { classes: 5 }],
  ["tf_efficientnet_b0", "tf_efficientnet_b0_c5_gain", { classes: 5 }],
  ["tiny_vit_5m_224", "tiny_vit_5m_224_c5", { classes: 5 }],
  ["tiny_vit_21m_512", "tiny_vit_21m_512_in1_c6", { channels: 1, classes: 6, dropPath: 0 }],
  ["chambon2018", "beetl_chambon_100", {}],
  ["relative_positioning", "beetl_relpos", { dropout: 0 }],
  ["blanco2020", "blanco2020_c6", { dropout: 0 }],
  ["attnsleep", "attnsleep_c6", { dropout: 0, attentionDropout: 0 }],
  ["attnsleep", "attnsleep_c5", { classes: 5, dropout: 0, attentionDropout: 0 }],
  ["iitnet_strip", "iitnet_strip21_c5", { dropout: 0 }],
];

for (const [name, file, options] of small)
  test(`${name} equals the reference: ${file}`, async (t) => {
    const golden = readGoldenModel(file);
    const model = filledModel(name, options, golden);
    await t.test("names, shapes, order and count", () => checkTables(model, golden));
    const [first] = golden.cases;
    await t.test("logits and intermediates", () => checkEval(model, first!));
    if (first!.eval.loss_f64 !== undefined)
      await t.test("gradients with running statistics", () => checkEvalGradients(model, first!));
    if (first!.train !== undefined)
      await t.test("training: logits, loss, gradients, running statistics", () => checkTrain(model, first!));
    model.dispose();
  });
