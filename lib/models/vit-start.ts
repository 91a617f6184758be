/**
 * How a vision transformer makes its tokens, and its first values. The published ones cut patches and begin from trained
 * weights. The small one always begins anew, from few pictures, and that is what a plain one is bad at: its patches pass
 * four strided convolutions with batch norm (Xiao et al. 2021, "Early convolutions help transformers see better", arXiv
 * 2106.14881), places are told apart by sines and cosines from the first step on (Beyer et al. 2022, arXiv 2205.01580).
 */
import { relu, type tf } from "../engine";
import { Conv2d, convNorm2d, type ForwardContext, type Initializer, type Scope, truncatedNormal } from "../nn";
import { xavierUniform } from "../nn/initial";

/** [batch, height, width, inputs] to [batch, height / patch, width / patch, outputs]. */
type Stem = (image: tf.Tensor4D, context: ForwardContext) => tf.Tensor4D;

export interface VitStart {
  stem(scope: Scope, options: { inputs: number; outputs: number; patch: number }): Stem;
  /** Of the perceptrons and the head. */
  weights: Initializer;
  /** Of the embedding of places, the class token's first. */
  places(grid: { rows: number; columns: number }): Initializer;
}

const small = truncatedNormal(0.02);

/** timm's. */
export const plainStart: VitStart = {
  stem: (scope, { inputs, outputs, patch }) => {
    const sides = { kernel: patch, stride: patch };
    const cut = new Conv2d(scope.at("proj"), { inputs, outputs, ...sides, bias: true, initializer: small });
    return (image) => cut.forward(image);
  },
  weights: small,
  places: () => small,
};

export const convolutionalStart: VitStart = {
  stem: (scope, { inputs, outputs, patch }) => {
    const halvings = Math.log2(patch);
    const channels = Array.from({ length: halvings }, (_, i) => outputs / 2 ** (halvings - 1 - i));
    const convs = channels.map((count, i) => {
      const size = { inputs: channels[i - 1] ?? inputs, outputs: count, kernel: 3, stride: 2, padding: 1 };
      return convNorm2d(scope, [`convs.${i}`, `norms.${i}`], size);
    });
    const project = new Conv2d(scope.at("proj"), { inputs: outputs, outputs, kernel: 1, bias: true });
    return (image, context) => project.forward(convs.reduce((x, conv) => relu(conv(x, context)), image));
  },
  weights: xavierUniform,
  places: sinesAndCosines,
};

/** Wavelengths of the places, in patches times 2 pi, go up to this. */
const LONGEST = 10_000;

/** [1, 1 + rows x columns, features]: of each place sine and cosine of its column, then of its row; the class token has none. */
function sinesAndCosines({ rows, columns }: { rows: number; columns: number }): Initializer {
  return (shape) => {
    const features = shape[2]!;
    const waves = features / 4;
    const values = new Float32Array((1 + rows * columns) * features);
    for (let place = 0; place < rows * columns; place++) {
      const at = (1 + place) * features;
      for (let k = 0; k < waves; k++) {
        const frequency = LONGEST ** (-k / waves);
        const [x, y] = [(place % columns) * frequency, Math.floor(place / columns) * frequency];
        values[at + k] = Math.sin(x);
        values[at + waves + k] = Math.cos(x);
        values[at + 2 * waves + k] = Math.sin(y);
        values[at + 3 * waves + k] = Math.cos(y);
      }
    }
    return values;
  };
}
