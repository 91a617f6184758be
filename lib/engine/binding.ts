/** What both bindings are to tfjs-node's kernels: the constants read off them, and what they refuse to do. */
import type { TensorMetadata, TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { SignalbookError } from "../core/errors";
import { AttributeType } from "./attributes";
import { DType } from "./dtypes";

/** `TFJSBinding` without its two phantom class members, which no JavaScript reads. */
export type Binding = Omit<TFJSBinding, "TensorMetadata" | "TFEOpAttr">;

export abstract class BindingBase {
  readonly TF_FLOAT = DType.float32;
  readonly TF_INT32 = DType.int32;
  readonly TF_INT64 = DType.int64;
  readonly TF_BOOL = DType.bool;
  readonly TF_COMPLEX64 = DType.complex64;
  readonly TF_STRING = DType.string;
  readonly TF_RESOURCE = DType.resource;
  readonly TF_UINT8 = DType.uint8;
  readonly TF_ATTR_STRING = AttributeType.string;
  readonly TF_ATTR_INT = AttributeType.int;
  readonly TF_ATTR_FLOAT = AttributeType.float;
  readonly TF_ATTR_BOOL = AttributeType.bool;
  readonly TF_ATTR_TYPE = AttributeType.type;
  readonly TF_ATTR_SHAPE = AttributeType.shape;
  readonly TF_ATTR_RESOURCE = AttributeType.resource;

  constructor(readonly TF_Version: string) {}

  loadSavedModel(folder: string): number {
    throw noSavedModels(folder);
  }

  deleteSavedModel(): void {
    throw noSavedModels();
  }

  runSavedModel(): TensorMetadata[] {
    throw noSavedModels();
  }

  getNumOfSavedModels(): number {
    return 0;
  }
}

function noSavedModels(folder?: string): SignalbookError {
  return new SignalbookError("SavedModel folders are not supported by this engine", {
    ...(folder === undefined ? {} : { file: folder }),
    fix: "export the weights to safetensors and build the model with createModel()",
  });
}
