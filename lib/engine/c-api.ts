/**
 * TensorFlow's C API by FFI: the functions the engine calls, and nothing else.
 * Signatures follow tensorflow/c/c_api.h, tensorflow/c/eager/c_api.h and tensorflow/c/tf_tstring... of TensorFlow 2.21.
 */
import { join } from "node:path";
import koffi from "koffi";
import { SignalbookError } from "../core/errors";
import { quietly } from "./quiet";

/** An address in the library's memory; 0n is the null pointer. */
export type Pointer = bigint;

/** One output of an operation in a graph (`TF_Output`). */
export interface GraphOutput {
  oper: Pointer;
  index: number;
}

type Int = number;
type Size = number | bigint;
type Bytes = Uint8Array;

/** The C functions, typed. Arrays marked `out` are filled by the call. */
export interface CApi {
  TF_Version(): string;
  TF_NewStatus(): Pointer;
  TF_DeleteStatus(status: Pointer): void;
  TF_GetCode(status: Pointer): Int;
  TF_Message(status: Pointer): string;
  TF_NewBuffer(): Pointer;
  TF_DeleteBuffer(buffer: Pointer): void;
  TF_AllocateTensor(dtype: Int, dims: ArrayLike<number> | null, rank: Int, bytes: Size): Pointer;
  TF_DeleteTensor(tensor: Pointer): void;
  TF_TensorData(tensor: Pointer): Pointer;
  TF_TensorByteSize(tensor: Pointer): Size;
  TF_StringInit(text: Pointer): void;
  TF_StringCopy(text: Pointer, bytes: Bytes, length: Size): void;
  TF_StringGetDataPointer(text: Pointer): Pointer;
  TF_StringGetSize(text: Pointer): Size;
  TF_StringDealloc(text: Pointer): void;
  TFE_NewContextOptions(): Pointer;
  TFE_DeleteContextOptions(options: Pointer): void;
  TFE_ContextOptionsSetConfig(options: Pointer, proto: Bytes, length: Size, status: Pointer): void;
  TFE_NewContext(options: Pointer, status: Pointer): Pointer;
  TFE_ContextListDevices(context: Pointer, status: Pointer): Pointer;
  TF_DeviceListCount(list: Pointer): Int;
  TF_DeviceListName(list: Pointer, index: Int, status: Pointer): string;
  TF_DeviceListType(list: Pointer, index: Int, status: Pointer): string;
  TF_DeleteDeviceList(list: Pointer): void;
  TFE_NewTensorHandle(tensor: Pointer, status: Pointer): Pointer;
  TFE_DeleteTensorHandle(handle: Pointer): void;
  TFE_TensorHandleDataType(handle: Pointer): Int;
  TFE_TensorHandleNumDims(handle: Pointer, status: Pointer): Int;
  TFE_TensorHandleDim(handle: Pointer, index: Int, status: Pointer): Size;
  TFE_TensorHandleResolve(handle: Pointer, status: Pointer): Pointer;
  TFE_TensorHandleCopySharingTensor(handle: Pointer, status: Pointer): Pointer;
  TFE_NewOp(context: Pointer, name: string, status: Pointer): Pointer;
  TFE_DeleteOp(op: Pointer): void;
  TFE_OpAddInput(op: Pointer, handle: Pointer, status: Pointer): void;
  TFE_OpSetAttrType(op: Pointer, name: string, value: Int): void;
  TFE_OpSetAttrTypeList(op: Pointer, name: string, values: Int32Array, count: Int): void;
  TFE_OpSetAttrInt(op: Pointer, name: string, value: Size): void;
  TFE_OpSetAttrIntList(op: Pointer, name: string, values: ArrayLike<number>, count: Int): void;
  TFE_OpSetAttrFloat(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrBool(op: Pointer, name: string, value: Int): void;
  TFE_OpSetAttrString(op: Pointer, name: string, value: Bytes, length: Size): void;
  TFE_OpSetAttrShape(op: Pointer, name: string, dims: ArrayLike<number> | null, rank: Int, status: Pointer): void;
  TFE_Execute: KoffiCall<[op: Pointer, outputs: (Pointer | null)[], count: Int[], status: Pointer], void>;
  TFE_ContextAddFunction(context: Pointer, fn: Pointer, status: Pointer): void;
  TFE_ContextRemoveFunction(context: Pointer, name: string, status: Pointer): void;
  TF_NewGraph(): Pointer;
  TF_DeleteGraph(graph: Pointer): void;
  TF_GraphGetOpDef(graph: Pointer, name: string, buffer: Pointer, status: Pointer): void;
  TF_NewOperation(graph: Pointer, type: string, name: string): Pointer;
  TF_FinishOperation(description: Pointer, status: Pointer): Pointer;
  TF_AddInput(description: Pointer, input: GraphOutput): void;
  TF_AddInputList(description: Pointer, inputs: GraphOutput[], count: Int): void;
  TF_AddControlInput(description: Pointer, oper: Pointer): void;
  TF_SetAttrType(description: Pointer, name: string, value: Int): void;
  TF_SetAttrTypeList(description: Pointer, name: string, values: Int32Array, count: Int): void;
  TF_SetAttrInt(description: Pointer, name: string, value: Size): void;
  TF_SetAttrIntList(description: Pointer, name: string, values: ArrayLike<number>, count: Int): void;
  TF_SetAttrFloat(description: Pointer, name: string, value: number): void;
  TF_SetAttrBool(description: Pointer, name: string, value: Int): void;
  TF_SetAttrString(description: Pointer, name: string, value: Bytes, length: Size): void;
  TF_SetAttrShape(description: Pointer, name: string, dims: ArrayLike<number> | null, rank: Int): void;
  TF_SetAttrTensor(description: Pointer, name: string, tensor: Pointer, status: Pointer): void;
  TF_OperationOutputType(output: GraphOutput): Int;
  TF_GraphGetTensorNumDims(graph: Pointer, output: GraphOutput, status: Pointer): Int;
  TF_GraphSetTensorShape(
    graph: Pointer,
    output: GraphOutput,
    dims: ArrayLike<number>,
    rank: Int,
    status: Pointer,
  ): void;
  TF_GraphGetTensorShape(graph: Pointer, output: GraphOutput, dims: number[], rank: Int, status: Pointer): void;
  TF_GraphToFunctionWithControlOutputs(
    graph: Pointer,
    name: string,
    appendHash: Int,
    bodySize: Int,
    body: null,
    inputCount: Int,
    inputs: GraphOutput[],
    outputCount: Int,
    outputs: GraphOutput[],
    outputNames: null,
    controlCount: Int,
    controls: Pointer[],
    controlNames: null,
    options: null,
    description: null,
    status: Pointer,
  ): Pointer;
  TF_FunctionSetAttrValueProto(fn: Pointer, name: string, proto: Bytes, length: Size, status: Pointer): void;
  TF_DeleteFunction(fn: Pointer): void;
}

/** A C function that can also run on a worker thread. */
export interface KoffiCall<Arguments extends unknown[], Result> {
  (...args: Arguments): Result;
  async(...args: [...Arguments, (error: Error | null, result: Result) => void]): void;
}

const signatures: Record<keyof CApi, string> = {
  TF_Version: "const char* ()",
  TF_NewStatus: "void* ()",
  TF_DeleteStatus: "void (void* s)",
  TF_GetCode: "int (void* s)",
  TF_Message: "const char* (void* s)",
  TF_NewBuffer: "void* ()",
  TF_DeleteBuffer: "void (void* b)",
  TF_AllocateTensor: "void* (int t, int64_t* dims, int n, size_t bytes)",
  TF_DeleteTensor: "void (void* t)",
  TF_TensorData: "void* (void* t)",
  TF_TensorByteSize: "size_t (void* t)",
  TF_StringInit: "void (void* t)",
  TF_StringCopy: "void (void* t, const uint8_t* b, size_t n)",
  TF_StringGetDataPointer: "void* (void* t)",
  TF_StringGetSize: "size_t (void* t)",
  TF_StringDealloc: "void (void* t)",
  TFE_NewContextOptions: "void* ()",
  TFE_DeleteContextOptions: "void (void* o)",
  TFE_ContextOptionsSetConfig: "void (void* o, const uint8_t* p, size_t n, void* s)",
  TFE_NewContext: "void* (void* o, void* s)",
  TFE_ContextListDevices: "void* (void* c, void* s)",
  TF_DeviceListCount: "int (void* l)",
  TF_DeviceListName: "const char* (void* l, int i, void* s)",
  TF_DeviceListType: "const char* (void* l, int i, void* s)",
  TF_DeleteDeviceList: "void (void* l)",
  TFE_NewTensorHandle: "void* (void* t, void* s)",
  TFE_DeleteTensorHandle: "void (void* h)",
  TFE_TensorHandleDataType: "int (void* h)",
  TFE_TensorHandleNumDims: "int (void* h, void* s)",
  TFE_TensorHandleDim: "int64_t (void* h, int i, void* s)",
  TFE_TensorHandleResolve: "void* (void* h, void* s)",
  TFE_TensorHandleCopySharingTensor: "void* (void* h, void* s)",
  TFE_NewOp: "void* (void* c, const char* n, void* s)",
  TFE_DeleteOp: "void (void* o)",
  TFE_OpAddInput: "void (void* o, void* h, void* s)",
  TFE_OpSetAttrType: "void (void* o, const char* n, int v)",
  TFE_OpSetAttrTypeList: "void (void* o, const char* n, const int* v, int c)",
  TFE_OpSetAttrInt: "void (void* o, const char* n, int64_t v)",
  TFE_OpSetAttrIntList: "void (void* o, const char* n, const int64_t* v, int c)",
  TFE_OpSetAttrFloat: "void (void* o, const char* n, float v)",
  TFE_OpSetAttrBool: "void (void* o, const char* n, uint8_t v)",
  TFE_OpSetAttrString: "void (void* o, const char* n, const uint8_t* v, size_t c)",
  TFE_OpSetAttrShape: "void (void* o, const char* n, const int64_t* d, int c, void* s)",
  TFE_Execute: "void (void* o, _Out_ void** r, _Inout_ int* n, void* s)",
  TFE_ContextAddFunction: "void (void* c, void* f, void* s)",
  TFE_ContextRemoveFunction: "void (void* c, const char* n, void* s)",
  TF_NewGraph: "void* ()",
  TF_DeleteGraph: "void (void* g)",
  TF_GraphGetOpDef: "void (void* g, const char* n, void* b, void* s)",
  TF_NewOperation: "void* (void* g, const char* t, const char* n)",
  TF_FinishOperation: "void* (void* d, void* s)",
  TF_AddInput: "void (void* d, SignalbookOutput i)",
  TF_AddInputList: "void (void* d, SignalbookOutput* i, int n)",
  TF_AddControlInput: "void (void* d, void* o)",
  TF_SetAttrType: "void (void* d, const char* n, int v)",
  TF_SetAttrTypeList: "void (void* d, const char* n, const int* v, int c)",
  TF_SetAttrInt: "void (void* d, const char* n, int64_t v)",
  TF_SetAttrIntList: "void (void* d, const char* n, const int64_t* v, int c)",
  TF_SetAttrFloat: "void (void* d, const char* n, float v)",
  TF_SetAttrBool: "void (void* d, const char* n, uint8_t v)",
  TF_SetAttrString: "void (void* d, const char* n, const uint8_t* v, size_t c)",
  TF_SetAttrShape: "void (void* d, const char* n, const int64_t* v, int c)",
  TF_SetAttrTensor: "void (void* d, const char* n, void* t, void* s)",
  TF_OperationOutputType: "int (SignalbookOutput o)",
  TF_GraphGetTensorNumDims: "int (void* g, SignalbookOutput o, void* s)",
  TF_GraphSetTensorShape: "void (void* g, SignalbookOutput o, const int64_t* d, int n, void* s)",
  TF_GraphGetTensorShape: "void (void* g, SignalbookOutput o, _Out_ int64_t* d, int n, void* s)",
  TF_GraphToFunctionWithControlOutputs:
    "void* (void* g, const char* name, uint8_t hash, int nb, void* body, int ni, SignalbookOutput* i, int no, SignalbookOutput* o, " +
    "void* names, int nc, void** c, void* cnames, void* opts, void* desc, void* s)",
  TF_FunctionSetAttrValueProto: "void (void* f, const char* n, const uint8_t* p, size_t c, void* s)",
  TF_DeleteFunction: "void (void* f)",
};

const RTLD_NOW = 0x2;
const RTLD_GLOBAL = 0x100;
/** The libraries' exit handlers run after Node has unloaded them, and the process would crash at exit: keep them. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads TensorFlow's two libraries from `folder` and binds the functions above.
 * @throws SignalbookError naming the file and the loader's own words.
 */
export function loadCApi(folder: string): CApi {
  const libc = koffi.load("libc.so.6");
  const dlopen = libc.func("void* dlopen(const char* path, int flags)") as (
    path: string,
    flags: number,
  ) => Pointer | null;
  const dlerror = libc.func("const char* dlerror()") as () => string | null;
  return quietly(() => {
    for (const name of ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"]) {
      const file = join(folder, name);
      if (!dlopen(file, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE))
        throw new SignalbookError("the engine's library does not load", {
          file,
          found: dlerror() ?? "no reason given",
          fix: "run `npm run setup` to install it again, or see environment.md, troubleshooting",
        });
    }
    const library = koffi.load(join(folder, "libtensorflow_cc.so.2"));
    koffi.struct("SignalbookOutput", { oper: "void*", index: "int" });
    const api: Record<string, unknown> = {};
    for (const [name, signature] of Object.entries(signatures)) {
      const open = signature.indexOf("(");
      api[name] = library.func(`${signature.slice(0, open).trim()} ${name}${signature.slice(open)}`);
    }
    return api as unknown as CApi;
  });
}
