/**
 * AttnSleep (Eldele et al. 2021, doi 10.1109/TNSRE.2021.3076234): two branches of filters over one epoch, a recalibration
 * of the features, and attention among them. Names and results are those of github.com/emadeldeen24/AttnSleep,
 * model/models.py; written anew from the layer table.
 *
 *   model       input                           6 classes (system 003)   5 classes (the paper)
 *   attnsleep   1 derivation, 30 s at 100 Hz    525,206 parameters       522,805
 *   attnsleep_small: not published; half as many filters in both branches, for two CPU cores
 *
 * As published, attention is asked by the un-normalised query: `self_attn.convs.0` and `sublayer_output.0.norm` exist
 * and get no gradient. Input [batch, time, 1]. Output: logits.
 */
import { gelu, relu, tf, toFloat32 } from "../engine";
import {
  attend,
  BatchNorm,
  Conv1d,
  checkInteger,
  checkRate,
  DeviationNorm,
  dropout,
  type ForwardContext,
  type Initial,
  joinHeads,
  Linear,
  maxPool1d,
  type Scope,
  splitHeads,
  tapOf,
} from "../nn";
import { type EpochOptions, needSamples, settleEpoch } from "./epoch";
import type { Family } from "./family";
import { type Model, makeModel, needInput } from "./model";

export interface AttnSleepOptions extends EpochOptions {
  /** Derivations. Default 1. */
  channels?: number;
  /** Default 6. */
  classes?: number;
  /** In the branches of filters. Default 0.5. */
  dropout?: number;
  /** In the attention layers. Default 0.1. */
  attentionDropout?: number;
}

/** Filters of both branches: the first, and both later ones. */
const variants = {
  attnsleep: [64, 128],
  attnsleep_small: [32, 64],
} as const;

export type AttnSleepName = keyof typeof variants;

export const attnSleeps: Family<AttnSleepName, AttnSleepOptions> = {
  input: "signal",
  options: ["channels", "sampleRate", "windowSeconds", "classes", "dropout", "attentionDropout"],
  members: {
    attnsleep: {
      summary: "sleep stager of two filter branches and causal attention",
      source: "Eldele et al. 2021, doi 10.1109/TNSRE.2021.3076234; github.com/emadeldeen24/AttnSleep",
    },
    attnsleep_small: {
      summary: "sleep stager of two narrow filter branches and causal attention: small variant for two CPU cores",
      source: "this project, after Eldele et al. 2021, doi 10.1109/TNSRE.2021.3076234",
    },
  },
  shapes: { signal: [3000, 1] },
  make: attnSleep,
};

/** Channels after the recalibration: the tokens of the attention. */
const tokens = 30;
const [heads, layers, causalKernel, hidden] = [5, 2, 7, 120];

type Layer = (x: tf.Tensor3D, context: ForwardContext) => tf.Tensor3D;

interface Branch {
  first: { kernel: number; stride: number; padding: number };
  firstPool: { kernel: number; stride: number; padding: number };
  /** Of both later filters. */
  later: { kernel: number; padding: number };
  lastPool: { kernel: number; stride: number; padding: number };
}

/** Short filters for what is fast, long ones for what is slow. */
const branches: readonly Branch[] = [
  {
    first: { kernel: 50, stride: 6, padding: 24 },
    firstPool: { kernel: 8, stride: 2, padding: 4 },
    later: { kernel: 8, padding: 4 },
    lastPool: { kernel: 4, stride: 4, padding: 2 },
  },
  {
    first: { kernel: 400, stride: 50, padding: 200 },
    firstPool: { kernel: 4, stride: 2, padding: 2 },
    later: { kernel: 7, padding: 3 },
    lastPool: { kernel: 2, stride: 2, padding: 1 },
  },
];

/** Samples that a branch leaves of `samples`. */
function branchLength({ first, firstPool, later, lastPool }: Branch, samples: number): number {
  return [first, firstPool, later, later, lastPool].reduce(
    (n, { kernel, padding, ...rest }) =>
      Math.floor((n + 2 * padding - kernel) / ("stride" in rest ? (rest.stride as number) : 1)) + 1,
    samples,
  );
}

/** @throws SignalbookError for options out of range. */
function attnSleep(name: AttnSleepName, options: AttnSleepOptions, initial: Initial): Model {
  const epoch = settleEpoch(name, options, { channels: 1, classes: 6 });
  const { channels, classes } = epoch.config;
  const rates = {
    dropout: checkRate(`${name}: dropout`, options.dropout ?? 0.5),
    attentionDropout: checkRate(`${name}: attentionDropout`, options.attentionDropout ?? 0.1),
  };
  const width = branches.reduce((sum, branch) => sum + branchLength(branch, epoch.samples), 0);
  checkInteger(`${name}: samples that both branches leave, a head (${width} for ${heads} heads)`, width / heads, 1);
  return makeModel(name, { ...epoch.config, ...rates }, initial, (parameters) => {
    const root = parameters.root();
    const built = branches.map((branch, i) =>
      filterBranch(root.at(`mrcnn.features${i + 1}`), channels, branch, variants[name], rates.dropout),
    );
    const recalibrate = recalibration(root.at("mrcnn.AFR.0"), variants[name][1]);
    const encoders = Array.from({ length: layers }, (_, i) =>
      encoder(root.at(`tce.layers.${i}`), width, rates.attentionDropout),
    );
    const norm = new DeviationNorm(root.at("tce.norm"), { features: width });
    const last = new Linear(root.at("fc"), { inputs: tokens * width, outputs: classes });
    return (inputs, context) => {
      const signal = needInput(name, "signal", inputs.signal, ["batch", "time", "channels"], channels);
      needSamples(name, signal.shape[1], epoch);
      const tap = tapOf(context);
      const parts = built.map((branch, i) => tap(`mrcnn.features${i + 1}`, branch(signal, context)));
      const joined = tap("mrcnn.drop", dropout(tf.concat(parts, 1), rates.dropout, context));
      const recalibrated = tap("mrcnn", tap("mrcnn.AFR", recalibrate(joined, context)));
      // From here on the 30 channels are the tokens, and time is their features.
      let x: tf.Tensor3D = tf.transpose(recalibrated, [0, 2, 1]);
      encoders.forEach((encode, i) => {
        x = tap(`tce.layers.${i}`, encode(x, context));
      });
      const normal = tap("tce", norm.forward(x));
      return tap("fc", last.forward(tf.reshape(normal, [normal.shape[0], last.inputs]) as tf.Tensor2D));
    };
  });
}

const torch = { bias: true, initializer: "pytorch" } as const;

function filterBranch(
  scope: Scope,
  channels: number,
  { first, firstPool, later, lastPool }: Branch,
  [narrow, wide]: (typeof variants)[AttnSleepName],
  rate: number,
): Layer {
  // The numbers are places in the source's list of layers; activations, pools and dropouts have no weights.
  const unit = (place: number, inputs: number, outputs: number, conv: Branch["later"]): Layer => {
    const filter = new Conv1d(scope.at(`${place}`), { inputs, outputs, ...conv, initializer: "pytorch" });
    const norm = new BatchNorm(scope.at(`${place + 1}`), { channels: outputs });
    return (x, context) => gelu(norm.forward(filter.forward(x), context));
  };
  const [one, two, three] = [
    unit(0, channels, narrow, first),
    unit(5, narrow, wide, later),
    unit(8, wide, wide, later),
  ];
  return (signal, context) => {
    const pooled = dropout(maxPool1d(one(signal, context), firstPool), rate, context);
    return maxPool1d(three(two(pooled, context), context), lastPool);
  };
}

/** A residual block whose channels are weighed by squeeze and excitation ("adaptive feature recalibration"). */
function recalibration(scope: Scope, inputs: number): Layer {
  const unit = (conv: string, norm: string, channels: number, bias: boolean): Layer => {
    const filter = new Conv1d(scope.at(conv), { inputs: channels, outputs: tokens, kernel: 1, ...torch, bias });
    const normal = new BatchNorm(scope.at(norm), { channels: tokens });
    return (x, context) => normal.forward(filter.forward(x), context);
  };
  const [first, second] = [unit("conv1", "bn1", inputs, true), unit("conv2", "bn2", tokens, true)];
  const squeezed = Math.floor(tokens / 16);
  const squeeze = new Linear(scope.at("se.fc.0"), { inputs: tokens, outputs: squeezed, bias: false });
  const excite = new Linear(scope.at("se.fc.2"), { inputs: squeezed, outputs: tokens, bias: false });
  const around = unit("downsample.0", "downsample.1", inputs, false);
  return (x, context) => {
    const y = toFloat32(second(relu(first(x, context)), context));
    const means: tf.Tensor2D = tf.mean(y, 1);
    const gate = tf.sigmoid(excite.forward(relu(squeeze.forward(means))));
    return relu(tf.add(tf.mul(y, tf.expandDims(gate, 1)), toFloat32(around(x, context)))) as tf.Tensor3D;
  };
}

/** Attention among the tokens and a perceptron, [batch, tokens, width] to the same. */
function encoder(scope: Scope, width: number, rate: number): Layer {
  const causal = (at: string): ((x: tf.Tensor3D) => tf.Tensor3D) => {
    const filter = new Conv1d(scope.at(at), {
      ...{ inputs: tokens, outputs: tokens, kernel: causalKernel, padding: "causal" },
      ...torch,
    });
    // The filter runs over time: there the tokens are channels.
    return (x) => tf.transpose(filter.forward(tf.transpose(x, [0, 2, 1])), [0, 2, 1]);
  };
  // Made, as published, though nothing uses it: the query comes from the layer's own filter.
  causal("self_attn.convs.0");
  const [keys, values] = [causal("self_attn.convs.1"), causal("self_attn.convs.2")];
  const projection = new Linear(scope.at("self_attn.linear"), { inputs: width, outputs: width });
  const widen = new Linear(scope.at("feed_forward.w_1"), { inputs: width, outputs: hidden });
  const narrow = new Linear(scope.at("feed_forward.w_2"), { inputs: hidden, outputs: width });
  new DeviationNorm(scope.at("sublayer_output.0.norm"), { features: width }); // unused, as published
  const norm = new DeviationNorm(scope.at("sublayer_output.1.norm"), { features: width });
  const ask = causal("conv");
  return (x, context) => {
    const query = ask(x);
    const [q, k, v] = [query, keys(x), values(x)].map((t) => splitHeads(t, heads));
    const weighed = attend(q!, k!, v!, { dropped: (weights) => dropout(weights, rate, context) });
    const attended = tf.add(query, dropout(projection.forward(joinHeads(weighed)), rate, context)) as tf.Tensor3D;
    const thought = narrow.forward(dropout(relu(widen.forward(norm.forward(attended))), rate, context));
    return tf.add(attended, dropout(thought, rate, context));
  };
}
