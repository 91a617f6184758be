/** The models that the bench of models times, and how: one row each, on both sides alike. */
import type { InputShapes, ModelName } from "../lib/models";

export interface BenchModel {
  model: ModelName;
  /** Options of ours: those that are not the defaults. */
  options: Readonly<Record<string, unknown>>;
  /** Options that make it without randomness, so that both sides can be compared. */
  still: Readonly<Record<string, unknown>>;
  /** What the report calls the work: "224 x 224". */
  input: string;
  shapes: InputShapes;
  classes: number;
  batch: number;
  /** What the rate counts. */
  unit: "images" | "strips" | "windows" | "recordings";
  loss: "softmax" | "sigmoid";
  /** Largest relative difference between the sides: of the logits, and of the loss of the first training step. */
  tolerance: { logits: number; loss: number };
}

const image = (name: ModelName, batch: number): BenchModel => ({
  model: name,
  ...{ options: { classes: 1000 }, still: {}, input: "224 x 224", shapes: { image: [224, 224, 3] }, classes: 1000 },
  ...{ batch, unit: "images", loss: "softmax", tolerance: { logits: 1e-3, loss: 1e-3 } },
});

export const benchModels: readonly BenchModel[] = [
  image("resnet50", 8),
  image("resnext50_32x4d", 8),
  image("tf_efficientnet_b4", 8),
  image("vit_base_patch16_224", 8),
  {
    ...image("tiny_vit_21m_512", 2),
    options: { channels: 1, classes: 6 },
    still: { dropPath: 0 },
    ...{ input: "320 x 960", shapes: { image: [320, 960, 1] }, classes: 6 },
  },
  {
    ...image("iitnet_strip", 16),
    options: { height: 75, classes: 5 },
    still: { dropout: 0 },
    ...{ input: "75 x 1920", shapes: { image: [75, 1920, 1] }, classes: 5, unit: "strips" },
  },
  {
    ...image("attnsleep", 128),
    options: { classes: 6 },
    still: { dropout: 0, attentionDropout: 0 },
    ...{ input: "30 s at 100 Hz", shapes: { signal: [3000, 1] }, classes: 6, unit: "windows" },
  },
  {
    ...image("ecg_resnet50", 4),
    options: {},
    still: { dropout: 0 },
    ...{ input: "8 leads x 5000", shapes: { signal: [5000, 8], age: [10], sex: [1] }, classes: 34 },
    ...{ unit: "recordings", loss: "sigmoid" },
  },
];
