/**
 * Backpropagation through time with as little as possible from step to step. BlockLSTMGradV2 multiplies by the whole
 * weight matrix, and adds to the whole of its gradient, at every step, on one thread. Only what depends on the next step
 * is done step by step here; slopes of the gates before, and the gradients of inputs and weights after, are each one
 * operation over all steps. A training step of the image BiLSTM, batch 8, took 535 ms of processor time with the block
 * kernel, and 339 ms so.
 */
import * as tfjs from "@tensorflow/tfjs";

/** What the forward pass has left, each [steps, batch, hidden]; x [steps, batch, features]. */
export interface LstmTrail {
  x: tfjs.Tensor3D;
  /** [features + hidden, 4 * hidden], gates in the order input, forget, candidate, output. */
  weight: tfjs.Tensor2D;
  input: tfjs.Tensor3D;
  forget: tfjs.Tensor3D;
  candidate: tfjs.Tensor3D;
  output: tfjs.Tensor3D;
  cell: tfjs.Tensor3D;
  /** tanh of the cell state. */
  squashed: tfjs.Tensor3D;
  hidden: tfjs.Tensor3D;
  /** Gradients of the cell and hidden states of every step, from outside. */
  dCell: tfjs.Tensor3D;
  dHidden: tfjs.Tensor3D;
}

/** Gradients of x, weight and bias. */
export function lstmGradient(trail: LstmTrail): [dx: tfjs.Tensor, dWeight: tfjs.Tensor, dBias: tfjs.Tensor] {
  const { x, weight, hidden } = trail;
  const [steps, batch, features] = x.shape;
  const units = hidden.shape[2];
  const rows = steps * batch;
  const flat = (t: tfjs.Tensor): tfjs.Tensor2D => tfjs.reshape(t, [rows, t.size / rows]);
  const dSums = flat(throughTime(trail, tfjs.slice(weight, [features, 0], [units, 4 * units])));
  const dx = tfjs.matMul(dSums, tfjs.slice(weight, [0, 0], [features, 4 * units]), false, true);
  const dWeight = tfjs.concat([flat(x), flat(stepBefore(hidden))].map((seen) => tfjs.matMul(seen, dSums, true)));
  return [tfjs.reshape(dx, x.shape), dWeight, tfjs.sum(dSums, 0)];
}

/** Each step's states of the step before: zeros first. */
function stepBefore(states: tfjs.Tensor3D): tfjs.Tensor3D {
  const [steps, batch, units] = states.shape;
  return tfjs.concat([tfjs.zeros([1, batch, units]), tfjs.slice(states, [0, 0, 0], [steps - 1, batch, units])]);
}

/** Gradients of the sums before the gates' functions, [steps, batch, 4 * hidden]. @param recurrent [hidden, 4 * hidden] */
function throughTime(trail: LstmTrail, recurrent: tfjs.Tensor2D): tfjs.Tensor {
  const { input, forget, candidate, output, cell, squashed, dCell, dHidden } = trail;
  const ofSigmoid = (s: tfjs.Tensor): tfjs.Tensor => tfjs.mul(s, tfjs.sub(1, s));
  const ofTanh = (s: tfjs.Tensor): tfjs.Tensor => tfjs.sub(1, tfjs.square(s));
  // d(cell) or d(hidden) times these are the gradients of the four sums.
  const slopes = tfjs.concat(
    [
      tfjs.mul(candidate, ofSigmoid(input)),
      tfjs.mul(stepBefore(cell), ofSigmoid(forget)),
      tfjs.mul(input, ofTanh(candidate)),
      tfjs.mul(squashed, ofSigmoid(output)),
    ],
    2,
  );
  const toCell = tfjs.mul(output, ofTanh(squashed));
  const byStep = [slopes, toCell, forget, dCell, dHidden].map((t) => tfjs.unstack(t) as tfjs.Tensor2D[]);
  const [slopesAt, toCellAt, forgetAt, dCellAt, dHiddenAt] = byStep as [
    ...[tfjs.Tensor2D[], tfjs.Tensor2D[], tfjs.Tensor2D[], tfjs.Tensor2D[], tfjs.Tensor2D[]],
  ];
  const back: tfjs.Tensor2D = tfjs.transpose(recurrent);
  const dSums: tfjs.Tensor2D[] = [];
  let later: { dSums: tfjs.Tensor2D; dCell: tfjs.Tensor } | undefined;
  for (let t = slopesAt.length - 1; t >= 0; t--) {
    const outside = dHiddenAt[t]!;
    const dh = later === undefined ? outside : tfjs.add(outside, tfjs.matMul(later.dSums, back));
    const parts = [tfjs.mul(dh, toCellAt[t]!), dCellAt[t]!];
    if (later !== undefined) parts.push(tfjs.mul(later.dCell, forgetAt[t + 1]!));
    const dc = tfjs.addN(parts);
    const sums = tfjs.mul(tfjs.concat([dc, dc, dc, dh], 1), slopesAt[t]!) as tfjs.Tensor2D;
    later = { dSums: sums, dCell: dc };
    dSums.unshift(sums);
  }
  return tfjs.stack(dSums);
}
