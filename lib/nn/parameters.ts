/** The named tensors of a model: parameters, which learn, and buffers, which are kept along (running statistics). */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { tf } from "../engine";
import type { Initializer } from "./initial";
import { fromTorch, type Layout } from "./layouts";

/** Values for a parameter or buffer by its canonical name, in PyTorch's layout, row-major: weights already at hand. */
export type GivenValues = (name: string, shape: readonly number[]) => Float32Array;

/** Where first values come from: drawn from a generator by each layer's rule, or given. */
export type Initial = Generator | GivenValues;

/** What a layer says of a tensor it makes. */
export interface ParameterSpec {
  /** In PyTorch's layout. */
  shape: readonly number[];
  layout: Layout;
  initializer: Initializer;
}

export interface NamedTensor {
  name: string;
  variable: tf.Variable;
  layout: Layout;
  kind: "parameter" | "buffer";
}

/**
 * Collects a model's tensors in the order in which its layers make them, which is PyTorch's `state_dict` order where
 * layers are made in the peer's order.
 */
export class Parameters {
  /** All tensors, parameters and buffers as they come. */
  readonly tensors: NamedTensor[] = [];
  private readonly names = new Set<string>();

  constructor(private readonly initial: Initial) {}

  /** The scope of the model itself: names without a prefix. */
  root(): Scope {
    return new Scope(this, "");
  }

  make(name: string, kind: NamedTensor["kind"], { shape, layout, initializer }: ParameterSpec): tf.Variable {
    if (this.names.has(name)) throw new Error(`two tensors of one model are named ${name}`);
    const values =
      this.initial instanceof Generator ? initializer(shape, this.initial) : this.initial(name, [...shape]);
    const size = shape.reduce((product, n) => product * n, 1);
    if (values.length !== size)
      throw new SignalbookError("initial values of the wrong number", {
        place: name,
        found: String(values.length),
        expected: `${size} for shape [${shape.join(", ")}]`,
      });
    const variable = tf.tidy(() =>
      tf.variable(fromTorch(tf.tensor(values, [...shape], "float32"), layout), kind === "parameter"),
    );
    this.names.add(name);
    this.tensors.push({ name, variable, layout, kind });
    return variable;
  }

  dispose(): void {
    for (const { variable } of this.tensors) variable.dispose();
    this.tensors.length = 0;
  }
}

/** A place in a model's tree of names: layers are made at one, and make their tensors there. */
export class Scope {
  constructor(
    private readonly parameters: Parameters,
    private readonly path: string,
  ) {}

  /** A place further down: `scope.at("layer1.0")`. */
  at(name: string): Scope {
    return new Scope(this.parameters, this.full(name));
  }

  parameter(name: string, spec: ParameterSpec): tf.Variable {
    return this.parameters.make(this.full(name), "parameter", spec);
  }

  buffer(name: string, spec: ParameterSpec): tf.Variable {
    return this.parameters.make(this.full(name), "buffer", spec);
  }

  private full(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}
