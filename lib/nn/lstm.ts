/** Long short-term memory, in one direction and in both, with PyTorch's rules and names. */
import { lstm, tf } from "../engine";
import { checkInteger } from "./checks";
import { uniformByFanIn } from "./initial";
import type { Scope } from "./parameters";

interface Direction {
  inputs: tf.Variable;
  hidden: tf.Variable;
  inputBias: tf.Variable;
  hiddenBias: tf.Variable;
}

/** The weights of one direction, under PyTorch's names with its suffix: "l0", "l0_reverse". */
function makeDirection(scope: Scope, { inputs, hidden }: Required<LstmOptions>, suffix: string): Direction {
  const initializer = uniformByFanIn(hidden);
  const parameter = (name: string, shape: number[]): tf.Variable =>
    scope.parameter(`${name}_${suffix}`, { shape, layout: "same", initializer });
  return {
    inputs: parameter("weight_ih", [4 * hidden, inputs]),
    hidden: parameter("weight_hh", [4 * hidden, hidden]),
    inputBias: parameter("bias_ih", [4 * hidden]),
    hiddenBias: parameter("bias_hh", [4 * hidden]),
  };
}

function checkedOptions({ inputs, hidden, layer = 0 }: LstmOptions): Required<LstmOptions> {
  return {
    inputs: checkInteger("inputs of an LSTM", inputs, 1),
    hidden: checkInteger("hidden units of an LSTM", hidden, 1),
    layer,
  };
}

export interface LstmOptions {
  inputs: number;
  hidden: number;
  /** Which layer of a `torch.nn.LSTM` it is: part of the parameters' names. Default 0. */
  layer?: number;
}

/** One layer of `torch.nn.LSTM(inputs, hidden, batch_first=True)`. */
export class Lstm {
  private readonly direction: Direction;

  constructor(scope: Scope, options: LstmOptions) {
    const checked = checkedOptions(options);
    this.direction = makeDirection(scope, checked, `l${checked.layer}`);
  }

  /** [batch, steps, inputs] to [batch, steps, hidden]. */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    return tf.transpose(lstm(tf.transpose(x, [1, 0, 2]), ...weightsOf(this.direction)).hidden, [1, 0, 2]);
  }
}

/** One layer of `torch.nn.LSTM(inputs, hidden, batch_first=True, bidirectional=True)`. */
export class BiLstm {
  private readonly directions: readonly Direction[];
  readonly hidden: number;

  constructor(scope: Scope, options: LstmOptions) {
    const checked = checkedOptions(options);
    this.hidden = checked.hidden;
    this.directions = [`l${checked.layer}`, `l${checked.layer}_reverse`].map((suffix) =>
      makeDirection(scope, checked, suffix),
    );
  }

  /** [batch, steps, inputs] to [batch, steps, 2 * hidden]: forward, then backward, at each step. */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    return this.run(x).sequence;
  }

  /**
   * [batch, steps, inputs] to [batch, 2 * hidden]: {@link forward} at the last step alone. Backwards that is the first step,
   * so nothing before it is gone through.
   */
  last(x: tf.Tensor3D): tf.Tensor2D {
    const [batch, steps] = x.shape;
    const byStep: tf.Tensor3D = tf.transpose(x, [1, 0, 2]);
    const final = (states: tf.Tensor3D): tf.Tensor2D =>
      tf.reshape(tf.slice(states, [states.shape[0] - 1, 0, 0], [1, -1, -1]), [batch, this.hidden]);
    const [onward, back] = this.directions.map((direction, i) => {
      const seen = i === 0 ? byStep : tf.slice(byStep, [steps - 1, 0, 0], [1, -1, -1]);
      return final(lstm(seen, ...weightsOf(direction)).hidden);
    });
    return tf.concat([onward!, back!], 1);
  }

  /** The sequence as {@link forward} gives it, and each direction's last states, [2, batch, hidden], as PyTorch's. */
  run(x: tf.Tensor3D): { sequence: tf.Tensor3D; hidden: tf.Tensor3D; cell: tf.Tensor3D } {
    const byStep: tf.Tensor3D = tf.transpose(x, [1, 0, 2]);
    const [onward, back] = this.directions.map((direction, i) =>
      lstm(i === 0 ? byStep : tf.reverse(byStep, 0), ...weightsOf(direction)),
    );
    const both = tf.concat([onward!.hidden, tf.reverse(back!.hidden, 0)], 2);
    const last = (states: readonly tf.Tensor3D[]): tf.Tensor3D =>
      tf.concat(states.map((t) => tf.slice(t, [t.shape[0] - 1, 0, 0], [1, -1, -1])) as tf.Tensor3D[], 0);
    return {
      sequence: tf.transpose(both, [1, 0, 2]),
      hidden: last([onward!.hidden, back!.hidden]),
      cell: last([onward!.cell, back!.cell]),
    };
  }
}

/** PyTorch's gates are input, forget, candidate, output, rows of the weights: the engine's order, transposed. */
function weightsOf({ inputs, hidden, inputBias, hiddenBias }: Direction): [tf.Tensor2D, tf.Tensor1D] {
  const weight: tf.Tensor2D = tf.transpose(tf.concat([inputs as tf.Tensor2D, hidden as tf.Tensor2D], 1));
  return [weight, tf.add(inputBias, hiddenBias)];
}
