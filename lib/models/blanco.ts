/**
 * The convolutional sleep stager of Blanco et al. 2020, as system 003's repository builds it; written anew from the layer
 * table. Seven filters over time, depthwise from the second on, with pooling after each and no norm.
 *
 *   model        input                             parameters, 6 classes
 *   blanco2020   2 derivations, 30 s at 100 Hz     3,246
 *
 * Input [batch, time, channels]. Output: logits. The published training feeds their softmax to a cross entropy that takes
 * the softmax again.
 */
import { relu, tf } from "../engine";
import { Conv2d, checkInteger, checkRate, dropout, type Initial, Linear, maxPoolImage } from "../nn";
import { type EpochOptions, needSamples, settleEpoch } from "./epoch";
import type { Family } from "./family";
import { type Model, makeModel, needInput } from "./model";

export interface BlancoOptions extends EpochOptions {
  /** Derivations, a divisor of 20. Default 2. */
  channels?: number;
  /** Default 6. */
  classes?: number;
  /** Before the last layer. Default 0.5. */
  dropout?: number;
}

export const blancos: Family<"blanco2020", BlancoOptions> = {
  input: "signal",
  options: ["channels", "sampleRate", "windowSeconds", "classes", "dropout"],
  members: {
    blanco2020: {
      summary: "sleep stager of seven short depthwise filters: small enough for two CPU cores",
      source: "Blanco et al. 2020; github.com/Div12345/SleepStaging-TransferLearning",
    },
  },
  shapes: { signal: [3000, 2] },
  make: blanco,
};

const [width, pool] = [20, 2];
const kernels = [7, 7, 5, 5, 5, 3, 3];

/** @throws SignalbookError for options out of range. */
function blanco(name: "blanco2020", options: BlancoOptions, initial: Initial): Model {
  const epoch = settleEpoch(name, options, { channels: 2, classes: 6 });
  const { channels, classes } = epoch.config;
  checkInteger(`${name}: filters of a derivation (${width} in all)`, width / channels, 1);
  const rate = checkRate(`${name}: dropout`, options.dropout ?? 0.5);
  const left = kernels.reduce((samples, kernel) => Math.floor((samples - kernel + 1) / pool), epoch.samples);
  checkInteger(`${name}: samples left after all poolings`, left, 1);
  return makeModel(name, { ...epoch.config, dropout: rate }, initial, (parameters) => {
    const root = parameters.root();
    const filters = kernels.map(
      (kernel, i) =>
        new Conv2d(root.at(`feature_extractor.${4 * i}`), {
          ...{ inputs: i === 0 ? channels : width, groups: i === 0 ? channels : width },
          ...{ outputs: width, kernel: [1, kernel], bias: true, initializer: "pytorch" },
        }),
    );
    const last = new Linear(root.at("fc.1"), { inputs: width * left, outputs: classes });
    return (inputs, context) => {
      const signal = needInput(name, "signal", inputs.signal, ["batch", "time", "channels"], channels);
      needSamples(name, signal.shape[1], epoch);
      let x: tf.Tensor4D = tf.expandDims(signal, 1);
      for (const filter of filters) x = relu(maxPoolImage(filter.forward(x), { kernel: [1, pool] }));
      context.tap?.("feature_extractor", x);
      const features: tf.Tensor2D = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [x.shape[0], last.inputs]);
      const logits = last.forward(dropout(features, rate, context));
      context.tap?.("fc", logits);
      return logits;
    };
  });
}
