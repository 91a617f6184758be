/** tfjs as this project uses it: on the engine's backend, and with its random functions guarded in traced steps. */
import * as tfjs from "@tensorflow/tfjs";
import { refuseWhileTracing } from "./random-guard";
import { startEngine } from "./start";

startEngine();

export * from "@tensorflow/tfjs";

function guarded<F extends (...args: never[]) => unknown>(name: string, original: F): F {
  return ((...args: Parameters<F>) => {
    refuseWhileTracing(`tf.${name}`);
    return original(...args);
  }) as F;
}

// A seed makes these pass Math.random by, so the functions themselves refuse.
export const dropout: typeof tfjs.dropout = guarded("dropout", tfjs.dropout);
export const multinomial: typeof tfjs.multinomial = guarded("multinomial", tfjs.multinomial);
export const rand: typeof tfjs.rand = guarded("rand", tfjs.rand);
export const randomGamma: typeof tfjs.randomGamma = guarded("randomGamma", tfjs.randomGamma);
export const randomNormal: typeof tfjs.randomNormal = guarded("randomNormal", tfjs.randomNormal);
export const randomStandardNormal: typeof tfjs.randomStandardNormal = guarded(
  "randomStandardNormal",
  tfjs.randomStandardNormal,
);
export const randomUniform: typeof tfjs.randomUniform = guarded("randomUniform", tfjs.randomUniform);
export const randomUniformInt: typeof tfjs.randomUniformInt = guarded("randomUniformInt", tfjs.randomUniformInt);
export const truncatedNormal: typeof tfjs.truncatedNormal = guarded("truncatedNormal", tfjs.truncatedNormal);
