/**
 * A long short-term memory over a whole sequence, with TensorFlow's block kernel (BlockLSTMV2). Composed
 * step by step, a sequence of 125 steps would be thousands of small ops.
 */
import * as tfjs from "@tensorflow/tfjs";
import type { EngineBackend } from "../backend";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { toFloat32 } from "../precision";
import { defineKernel, type Inputs, runKernel } from "./define";
import { type LstmTrail, lstmGradient } from "./lstm-gradient";

/** What the forward pass gives, each [steps, batch, hidden]; the order is the op's. */
const outputNames = ["input", "cell", "forget", "output", "candidate", "squashed", "hidden"] as const;

const attributes = [attribute.type("T", DType.float32), attribute.bool("use_peephole", false)];

/** The number of steps as the op wants it. */
function sequenceLength(backend: EngineBackend, steps: number): tfjs.Tensor {
  const types = [
    attribute.type("SrcT", DType.int32),
    attribute.type("DstT", DType.int64),
    attribute.bool("Truncate", false),
  ];
  return backend.run("Cast", types, [tfjs.scalar(steps, "int32")], 1)[0]!;
}

/** Zero state before the first step, and zero peepholes. */
function zeros(x: tfjs.Tensor, hidden: number): { state: tfjs.Tensor; peephole: tfjs.Tensor } {
  return { state: tfjs.zeros([x.shape[1]!, hidden]), peephole: tfjs.zeros([hidden]) };
}

defineKernel({
  name: "SignalbookLstm",
  tensorflow: ({ x, weight, bias }, _attributes, backend) =>
    tfjs.tidy(() => {
      const { state, peephole } = zeros(x!, bias!.size / 4);
      const inputs = [sequenceLength(backend, x!.shape[0]!), x!, state, state, weight!, peephole, peephole, peephole];
      const clip = attribute.float("cell_clip", -1); // none
      return backend.run("BlockLSTMV2", [...attributes, clip], [...inputs, bias!], 7);
    }),
  composed: ({ x, weight, bias }) => tfjs.tidy(() => forward(x!, weight!, bias!)),
  gradient: {
    inputs: ["x", "weight", "bias"],
    outputs: outputNames.map(() => true),
    of: (slopes, [x, weight, bias, ...outputs]) => {
      const named = Object.fromEntries(outputNames.map((name, i) => [name, outputs[i]!]));
      const inputs = { ...named, x: x!, weight: weight!, bias: bias!, dCell: slopes[1]!, dHidden: slopes[6]! };
      const [dx, dWeight, dBias] = runKernel("SignalbookLstmGrad", inputs) as tfjs.Tensor[];
      return { x: () => dx!, weight: () => dWeight!, bias: () => dBias! };
    },
  },
});

defineKernel({
  name: "SignalbookLstmGrad",
  tensorflow: (inputs) => tfjs.tidy(() => lstmGradient(inputs as unknown as LstmTrail)),
  composed: (inputs) => tfjs.tidy(() => backward(inputs)),
});

/** Step by step, of tfjs' ops. Gates in the order input, forget, candidate, output, as BlockLSTMV2 has them. */
function forward(x: tfjs.Tensor, weight: tfjs.Tensor, bias: tfjs.Tensor): tfjs.Tensor[] {
  let [cell, hidden]: tfjs.Tensor2D[] = [0, 1].map(() => zeros(x, bias.size / 4).state as tfjs.Tensor2D);
  const steps = tfjs.unstack(x).map((now) => {
    const sums = tfjs.add(tfjs.matMul(tfjs.concat([now as tfjs.Tensor2D, hidden!], 1), weight as tfjs.Tensor2D), bias);
    const [i, f, g, o] = tfjs.split(sums, 4, 1);
    const [input, forget, candidate, output] = [tfjs.sigmoid(i!), tfjs.sigmoid(f!), tfjs.tanh(g!), tfjs.sigmoid(o!)];
    cell = tfjs.add(tfjs.mul(candidate, input), tfjs.mul(cell!, forget));
    const squashed = tfjs.tanh(cell);
    hidden = tfjs.mul(squashed, output);
    return [input, cell, forget, output, candidate, squashed, hidden];
  });
  return outputNames.map((_, i) => tfjs.stack(steps.map((step) => step[i]!)));
}

/** Backpropagation through time. */
function backward(inputs: Inputs): tfjs.Tensor[] {
  const { weight, bias } = inputs as Record<string, tfjs.Tensor2D>;
  const x = inputs["x"] as tfjs.Tensor3D;
  const steps = Object.fromEntries(
    [...outputNames, "dCell", "dHidden", "x"].map((name) => [name, tfjs.unstack(inputs[name]!) as tfjs.Tensor2D[]]),
  );
  const at = (name: string, t: number): tfjs.Tensor2D => steps[name]![t]!;
  const start = zeros(x, bias!.size / 4).state as tfjs.Tensor2D;
  const width = x.shape[2]!;
  const dx: tfjs.Tensor[] = [];
  let [dCell, dBefore]: tfjs.Tensor2D[] = [start, start];
  let dWeight: tfjs.Tensor = tfjs.zerosLike(weight!);
  let dBias: tfjs.Tensor = tfjs.zerosLike(bias!);
  const throughSigmoid = (slope: tfjs.Tensor, s: tfjs.Tensor): tfjs.Tensor =>
    tfjs.mul(slope, tfjs.mul(s, tfjs.sub(1, s)));
  const throughTanh = (slope: tfjs.Tensor, s: tfjs.Tensor): tfjs.Tensor => tfjs.mul(slope, tfjs.sub(1, tfjs.square(s)));
  for (let t = x.shape[0]! - 1; t >= 0; t--) {
    const [input, forget, candidate, output] = ["input", "forget", "candidate", "output"].map((name) => at(name, t));
    const dHidden = tfjs.add(at("dHidden", t), dBefore!);
    const later = tfjs.add(at("dCell", t), dCell!);
    const dc = tfjs.add(later, throughTanh(tfjs.mul(dHidden, output!), at("squashed", t)));
    const before = t === 0 ? start : at("cell", t - 1);
    const sums = tfjs.concat(
      [
        throughSigmoid(tfjs.mul(dc, candidate!), input!),
        throughSigmoid(tfjs.mul(dc, before), forget!),
        throughTanh(tfjs.mul(dc, input!), candidate!),
        throughSigmoid(tfjs.mul(dHidden, at("squashed", t)), output!),
      ],
      1,
    ) as tfjs.Tensor2D;
    const seen = tfjs.concat([at("x", t), t === 0 ? start : at("hidden", t - 1)], 1);
    dWeight = tfjs.add(dWeight, tfjs.matMul(seen, sums, true));
    dBias = tfjs.add(dBias, tfjs.sum(sums, 0));
    const both = tfjs.matMul(sums, weight!, false, true);
    dx.unshift(tfjs.slice(both, [0, 0], [-1, width]));
    dBefore = tfjs.slice(both, [0, width], [-1, -1]) as tfjs.Tensor2D;
    dCell = tfjs.mul(dc, forget!) as tfjs.Tensor2D;
  }
  return [tfjs.stack(dx), dWeight, dBias];
}

/**
 * The states of a sequence, from a zero state, in float32.
 * @param x [steps, batch, features]
 * @param weight [features + hidden, 4 * hidden]: gates in the order input, forget, candidate, output
 * @param bias [4 * hidden]
 * @returns hidden and cell states after each step, [steps, batch, hidden]
 */
export function lstm(
  x: tfjs.Tensor3D,
  weight: tfjs.Tensor2D,
  bias: tfjs.Tensor1D,
): { hidden: tfjs.Tensor3D; cell: tfjs.Tensor3D } {
  const outputs = runKernel("SignalbookLstm", { x: toFloat32(x), weight, bias }) as tfjs.Tensor3D[];
  return { hidden: outputs[6]!, cell: outputs[1]! };
}
