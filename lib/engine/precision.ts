/**
 * The precision policy. Weights, statistics, losses and optimizers stay float32; convolutions and matrix products cast
 * what they are given, and activations stay in the 16-bit type until something asks for float32 again.
 */
import * as tfjs from "@tensorflow/tfjs";
import { SignalbookError } from "../core/errors";
import type { EngineBackend } from "./backend";
import { DType } from "./dtypes";
import { attribute } from "./eager-binding";
import { defineKernel, runKernel } from "./kernels/define";

export type Precision = "float32" | "bfloat16" | "float16";

const key = Symbol.for("signalbook.precision");
const holder = globalThis as { [key]?: Precision };

/** The policy in force. */
export function precision(): Precision {
  return holder[key] ?? "float32";
}

/**
 * Runs `work` (a model's forward pass) under a policy.
 * @throws SignalbookError for a 16-bit policy on the plain JavaScript backend, which has no such type.
 */
export function withPrecision<T>(policy: Precision, work: () => T): T {
  if (policy !== "float32" && tfjs.getBackend() !== "tensorflow")
    throw new SignalbookError("a 16-bit precision needs the TensorFlow engine", {
      found: `backend ${tfjs.getBackend()}`,
      fix: 'run `npm run setup`, or use precision "float32"',
    });
  const outer = holder[key];
  holder[key] = policy;
  try {
    return work();
  } finally {
    if (outer === undefined) delete holder[key];
    else holder[key] = outer;
  }
}

/** The tensor in the policy's type, as convolutions and matrix products take their inputs. */
export function toPolicy<T extends tfjs.Tensor>(x: T): T {
  return castTo(x, precision());
}

/** The tensor in float32, as losses and statistics take theirs. No op where it is float32 already. */
export function toFloat32<T extends tfjs.Tensor>(x: T): T {
  return castTo(x, "float32");
}

/** The true type of a tensor that tfjs calls float32. */
export function truePrecision(x: tfjs.Tensor): Precision {
  if (tfjs.getBackend() !== "tensorflow") return "float32";
  const dtype = (tfjs.backend() as EngineBackend).trueDType(x);
  if (dtype === DType.bfloat16) return "bfloat16";
  return dtype === DType.float16 ? "float16" : "float32";
}

/** The tensor in another floating type; its gradient comes back in the type it has now. */
export function castTo<T extends tfjs.Tensor>(x: T, to: Precision): T {
  const from = truePrecision(x);
  return from === to ? x : (runKernel("SignalbookCast", { x }, { from, to }) as T);
}

defineKernel({
  name: "SignalbookCast",
  tensorflow: ({ x }, { from, to }, backend) =>
    backend.run(
      "Cast",
      [
        attribute.type("SrcT", DType[from as Precision]),
        attribute.type("DstT", DType[to as Precision]),
        attribute.bool("Truncate", false),
      ],
      [x!],
      1,
    )[0]!,
  composed: () => {
    throw new SignalbookError("a 16-bit precision needs the TensorFlow engine");
  },
  gradient: { of: ([dy], _saved, { from }) => ({ x: () => castTo(dy!, from as Precision) }) },
});
