/**
 * The sleep stager of Chambon et al. (2018, arXiv 1707.03321), and relative positioning with it as embedder (Banville et
 * al. 2019, arXiv 1911.05419): are two windows close in time? Names and results are braindecode's
 * `SleepStagerChambon2018` with 16 channels and batch norm, as system 003 uses it; written anew from the layer table.
 *
 *   model                  input of 2 derivations, 30 s at 100 Hz   parameters
 *   chambon2018            one window, 100 outputs                  68,202
 *   relative_positioning   a pair of windows, 1 output              68,202 + 101
 *
 * Input [batch, time, channels]. Output: logits (of `chambon2018` in system 003: the embedding).
 */
import { relu, tf } from "../engine";
import {
  BatchNorm,
  Conv2d,
  checkInteger,
  checkRate,
  dropout,
  type ForwardContext,
  type Initial,
  Linear,
  maxPoolImage,
  type Scope,
} from "../nn";
import { type EpochOptions, needSamples, settleEpoch } from "./epoch";
import type { Family } from "./family";
import { type Model, makeModel, needInput } from "./model";

export interface ChambonOptions extends EpochOptions {
  /** Derivations. Default 2. */
  channels?: number;
  /** Outputs; of `relative_positioning`: size of the embedding. Default 100. */
  classes?: number;
  /** Before the last layer, while training. Default as published: 0, of the pair's head 0.5. */
  dropout?: number;
}

const source = "Chambon et al. 2018, arXiv 1707.03321; braindecode SleepStagerChambon2018";

export type ChambonName = "chambon2018" | "relative_positioning";

export const chambons: Family<ChambonName, ChambonOptions> = {
  input: "signal",
  options: ["channels", "sampleRate", "windowSeconds", "classes", "dropout"],
  members: {
    chambon2018: {
      summary: "sleep stager of spatial and temporal filters, embedder of system 003: small enough for two CPU cores",
      source,
    },
    relative_positioning: {
      summary: "two windows through one embedder: are they close in time? (self-supervised)",
      source: `Banville et al. 2019, arXiv 1911.05419; ${source}`,
      shapes: { signal: [3000, 2], other: [3000, 2] },
    },
  },
  shapes: { signal: [3000, 2] },
  make: (name, options, initial) =>
    name === "chambon2018" ? chambon2018(options, initial) : relativePositioning(options, initial),
};

const [filters, taps, pool] = [16, 50, 13];

type Tap = (name: string, x: tf.Tensor) => void;
type Embedder = (signal: tf.Tensor3D, context: ForwardContext, tap: Tap) => tf.Tensor2D;

const axes = ["batch", "time", "channels"];

function chambon2018(options: ChambonOptions, initial: Initial): Model {
  const name = "chambon2018";
  const rate = checkRate(`${name}: dropout`, options.dropout ?? 0);
  const epoch = settleEpoch(name, options, { channels: 2, classes: 100 });
  return makeModel(name, { ...epoch.config, dropout: rate }, initial, (parameters) => {
    const embed = embedder(parameters.root(), name, epoch, rate);
    return ({ signal }, context) => {
      const window = needInput(name, "signal", signal, axes, epoch.config.channels);
      return embed(window, context, (place, x) => context.tap?.(place, x));
    };
  });
}

function relativePositioning(options: ChambonOptions, initial: Initial): Model {
  const name = "relative_positioning";
  const rate = checkRate(`${name}: dropout`, options.dropout ?? 0.5);
  const epoch = settleEpoch(name, options, { channels: 2, classes: 100 });
  return makeModel(name, { ...epoch.config, dropout: rate }, initial, (parameters) => {
    const root = parameters.root();
    const embed = embedder(root.at("emb"), name, epoch, 0);
    const head = new Linear(root.at("clf.1"), { inputs: epoch.config.classes, outputs: 1 });
    return (inputs, context) => {
      // One after the other: batch norm sees each window's batch for itself. The second one's taps are marked.
      const [first, second] = (["signal", "other"] as const).map((input, i) => {
        const window = needInput(name, input, inputs[input], axes, epoch.config.channels);
        const mark = i === 0 ? "" : "#";
        const embedded = embed(window, context, (place, x) => context.tap?.(`emb.${place}${mark}`, x));
        context.tap?.(`emb${mark}`, embedded);
        return embedded;
      });
      const distance = tf.abs(tf.sub(first!, second!)) as tf.Tensor2D;
      const logits = head.forward(dropout(distance, rate, context));
      context.tap?.("clf", logits);
      return logits;
    };
  });
}

/** Filters over derivations, then twice over time with pooling; each virtual derivation keeps a row of its own. */
function embedder(scope: Scope, name: string, epoch: ReturnType<typeof settleEpoch>, rate: number): Embedder {
  const { channels, classes } = epoch.config;
  const torch = { bias: true, initializer: "pytorch" } as const;
  const spatial = new Conv2d(scope.at("spatial_conv"), {
    ...{ inputs: 1, outputs: channels, kernel: [channels, 1] },
    ...torch,
  });
  const temporal = [1, filters].map((inputs, i) => ({
    filter: new Conv2d(scope.at(`feature_extractor.${4 * i}`), {
      ...{ inputs, outputs: filters, kernel: [1, taps], padding: [0, taps / 2] },
      ...torch,
    }),
    norm: new BatchNorm(scope.at(`feature_extractor.${4 * i + 1}`), { channels: filters }),
  }));
  // Each filter with this padding gives one sample more than it is given.
  const left = temporal.reduce((samples) => Math.floor((samples + 1) / pool), epoch.samples);
  checkInteger(`${name}: samples left after both poolings`, left, 1);
  const last = new Linear(scope.at("final_layer.1"), { inputs: filters * channels * left, outputs: classes });
  return (signal, context, tap) => {
    const [batch, time] = signal.shape;
    needSamples(name, time, epoch);
    const rows: tf.Tensor4D = tf.expandDims(tf.transpose(signal, [0, 2, 1]), 3);
    const mixed = spatial.forward(rows);
    tap("spatial_conv", mixed);
    // What were channels of the result become rows of an image with one channel.
    let x: tf.Tensor4D = tf.transpose(mixed, [0, 3, 2, 1]);
    for (const { filter, norm } of temporal)
      x = maxPoolImage(relu(norm.forward(filter.forward(x), context)), { kernel: [1, pool] });
    tap("feature_extractor", x);
    const features: tf.Tensor2D = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch, last.inputs]);
    const logits = last.forward(dropout(features, rate, context));
    tap("final_layer", logits);
    return logits;
  };
}
