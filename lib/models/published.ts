/**
 * What was published of the sizes of these architectures, beside which our own counts are laid: facts, typed in with
 * their sources. Parameters of networks whose authors gave no number are counted from the authors' own code.
 */
import type { ModelName } from ".";
import type { InputShapes } from "./family";

/** A number as it was printed: half a unit of its last digit is open. */
export interface PrintedNumber {
  value: number;
  /** One unit of the last digit printed: 1e5 for "25.0 million"; 1: exact. */
  unit: number;
}

export interface PublishedCount {
  parameters?: PrintedNumber;
  /** Of one example; papers say multiply-adds, MACs or (loosely) FLOPs. */
  multiplyAdds?: PrintedNumber;
  /** What it was counted on, where that is not what the registry's model is given by default. */
  shapes?: InputShapes;
  source: string;
  /** Why the number cannot be met, where that is known. */
  differs?: string;
}

export interface PublishedModel {
  /** Architectures of one family share a colour in figures. */
  family: string;
  /** Empty: this project's own variant. */
  counts: readonly PublishedCount[];
}

const exactly = (value: number): PrintedNumber => ({ value, unit: 1 });
const million = (value: number, digits: number): PrintedNumber => ({ value: value * 1e6, unit: 10 ** (6 - digits) });
const billion = (value: number, digits: number): PrintedNumber => ({ value: value * 1e9, unit: 10 ** (9 - digits) });

const torchvision = (name: string): string => `torchvision, documentation of ${name}`;
const timm = "timm, results/benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv";
const code = (repository: string): string => `counted from the authors' code, github.com/${repository}`;

const at380: InputShapes = { image: [380, 380, 3] };
const fromCode = (family: string, parameters: number, repository: string): PublishedModel => ({
  family,
  counts: [{ parameters: exactly(parameters), source: code(repository) }],
});
const own = (family: string): PublishedModel => ({ family, counts: [] });
const [ecg, epoch, sequence] = ["ECG residual networks", "Sleep, one epoch", "IITNet"];
const [tianchi, beetl] = ["mikochou/ECG-tianchi", "Div12345/SleepStaging-TransferLearning"];

export const publishedModels: Readonly<Record<ModelName, PublishedModel>> = {
  ecg_resnet50: fromCode(ecg, 82_247_448, tianchi),
  ecg_resnet101: fromCode(ecg, 156_945_176, tianchi),
  ecg_resnext50_2x64d: fromCode(ecg, 29_178_392, tianchi),
  ecg_resnet18_small: own(ecg),
  resnet50: {
    family: "ResNet, ResNeXt",
    counts: [
      {
        multiplyAdds: billion(3.8, 1),
        source: "He et al. 2016, table 1",
        differs: "the paper's blocks take the stride in their first filter; today's, and ours, in the second",
      },
      { parameters: exactly(25_557_032), multiplyAdds: billion(4.09, 2), source: torchvision("resnet50") },
    ],
  },
  resnext50_32x4d: {
    family: "ResNet, ResNeXt",
    counts: [
      { parameters: million(25, 1), multiplyAdds: billion(4.2, 1), source: "Xie et al. 2017, table 1" },
      { parameters: exactly(25_028_904), multiplyAdds: billion(4.23, 2), source: torchvision("resnext50_32x4d") },
    ],
  },
  resnet14_small: own("ResNet, ResNeXt"),
  resnext14_small: own("ResNet, ResNeXt"),
  vit_tiny_patch16_224: {
    family: "Vision transformers",
    counts: [{ parameters: million(5.72, 2), multiplyAdds: billion(1.26, 2), source: timm }],
  },
  vit_small_patch16_224: {
    family: "Vision transformers",
    counts: [{ parameters: million(22.05, 2), multiplyAdds: billion(4.61, 2), source: timm }],
  },
  vit_base_patch16_224: {
    family: "Vision transformers",
    counts: [
      { parameters: exactly(86_567_656), multiplyAdds: billion(17.56, 2), source: torchvision("vit_b_16") },
      { parameters: million(86.57, 2), multiplyAdds: billion(17.58, 2), source: timm },
    ],
  },
  vit_patch16_small: own("Vision transformers"),
  tf_efficientnet_b0: {
    family: "EfficientNets",
    counts: [
      { parameters: million(5.3, 1), multiplyAdds: billion(0.39, 2), source: "Tan and Le 2019, table 2" },
      { parameters: exactly(5_288_548), multiplyAdds: billion(0.39, 2), source: torchvision("efficientnet_b0") },
    ],
  },
  tf_efficientnet_b4: {
    family: "EfficientNets",
    counts: [
      {
        ...{ parameters: million(19, 0), multiplyAdds: billion(4.2, 1), shapes: at380 },
        source: "Tan and Le 2019, table 2",
      },
      {
        ...{ parameters: exactly(19_341_616), multiplyAdds: billion(4.39, 2), shapes: at380 },
        source: torchvision("efficientnet_b4"),
      },
    ],
  },
  efficientnet_small: own("EfficientNets"),
  tiny_vit_5m_224: {
    family: "TinyViT",
    counts: [{ parameters: million(5.4, 1), multiplyAdds: billion(1.3, 1), source: "Wu et al. 2022, table 1" }],
  },
  tiny_vit_21m_512: {
    family: "TinyViT",
    counts: [
      {
        ...{ parameters: million(21.27, 2), multiplyAdds: billion(27.02, 2), source: timm },
        differs:
          "our graph spreads each window's table of biases by matrix products, once a batch; a lookup counts nothing",
      },
    ],
  },
  tiny_vit_small: own("TinyViT"),
  chambon2018: {
    family: epoch,
    counts: [{ parameters: exactly(68_202), source: "braindecode SleepStagerChambon2018, 16 filters, 100 outputs" }],
  },
  relative_positioning: fromCode(epoch, 68_303, beetl),
  blanco2020: fromCode(epoch, 3_246, beetl),
  attnsleep: fromCode(epoch, 525_206, beetl),
  attnsleep_small: own(epoch),
  iitnet: fromCode(sequence, 814_421, "gist-ailab/IITNet-official"),
  iitnet_small: own(sequence),
  iitnet_strip: fromCode(sequence, 866_085, "oungji212/Sleep-AI-Challenge"),
  iitnet_strip_small: own(sequence),
};

/** How far a count lies from what was printed, as a share of it; 0 where it lies within the rounding of its digits. */
export function departure(counted: number, { value, unit }: PrintedNumber): number {
  if (Math.abs(counted - value) <= unit / 2) return 0;
  return counted / value - 1;
}
