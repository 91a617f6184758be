/**
 * Rows of a table by tensors of indices. tfjs' own gather reads the indices' values, which a traced step has not yet;
 * here they stay on TensorFlow's side. The gradient adds up the rows' gradients where indices repeat.
 */
import * as tfjs from "@tensorflow/tfjs";
import { DType } from "../dtypes";
import { attribute } from "../eager-binding";
import { toFloat32 } from "../precision";
import { defineKernel, runKernel } from "./define";

defineKernel({
  name: "SignalbookEmbedding",
  tensorflow: ({ table, indices }, _attributes, backend) => {
    const types = [
      attribute.type("Tparams", DType.float32),
      attribute.type("Tindices", DType.int32),
      attribute.type("Taxis", DType.int32),
      attribute.int("batch_dims", 0),
    ];
    return tfjs.tidy(() => backend.run("GatherV2", types, [table!, indices!, tfjs.scalar(0, "int32")], 1)[0]!);
  },
  composed: ({ table, indices }) => tfjs.gather(table!, indices as tfjs.Tensor1D),
  gradient: {
    inputs: ["table", "indices"],
    of: ([dy], [table, indices]) => ({
      table: () => runKernel("SignalbookEmbeddingGrad", { dy: dy!, indices: indices! }, { rows: table!.shape[0]! }) as tfjs.Tensor, // biome-ignore format: one line reads better
      indices: () => {
        throw new Error("an embedding: indices are integers, they have no gradient");
      },
    }),
  },
});

defineKernel({
  name: "SignalbookEmbeddingGrad",
  tensorflow: ({ dy, indices }, { rows }, backend) => {
    const types = [
      attribute.type("T", DType.float32),
      attribute.type("Tindices", DType.int32),
      attribute.type("Tnumsegments", DType.int32),
    ];
    const count = tfjs.scalar(rows as number, "int32");
    return backend.run("UnsortedSegmentSum", types, [dy!, indices!, count], 1)[0]!;
  },
  composed: ({ dy, indices }, { rows }) => tfjs.unsortedSegmentSum(dy!, indices as tfjs.Tensor1D, rows as number),
});

/**
 * The table's row of each index, in float32. TensorFlow throws at an index the table has not on processors; on GPUs such
 * a row is zero.
 * @param table [rows, features]
 * @param indices int32, of any shape: the result is [...indices, features]
 */
export function embedding(table: tfjs.Tensor, indices: tfjs.Tensor): tfjs.Tensor {
  const [, features] = table.shape as [number, number];
  const flat = tfjs.reshape(indices, [indices.size]);
  const rows = runKernel("SignalbookEmbedding", { table: toFloat32(table), indices: flat }) as tfjs.Tensor;
  return tfjs.reshape(rows, [...indices.shape, features]);
}
