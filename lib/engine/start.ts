/** Starts the engine: once a process, at the first import of lib/engine. */
import * as tfjs from "@tensorflow/tfjs";
import { SignalbookError } from "../core/errors";
import type { EngineBackend } from "./backend";
import { type CApi, loadCApi, type Pointer } from "./c-api";
import { EagerBinding } from "./eager-binding";
import { findEngine, type InstalledEngine } from "./locate";
import { quietly } from "./quiet";
import { type EngineInfo, type EngineState, engineState, type NativeEngine, setEngineState } from "./state";
import { check, newStatus } from "./status";

export interface EngineOptions {
  /** Which backend to run on. Default: `SIGNALBOOK_BACKEND`, else TensorFlow where it is installed. */
  backend?: "tensorflow" | "cpu";
}

/**
 * Starts the engine, or says what already runs.
 * @throws SignalbookError when TensorFlow is asked for but not installed, or when another backend already runs.
 */
export function startEngine(options: EngineOptions = {}): EngineInfo {
  const running = engineState();
  if (running !== undefined) {
    if (options.backend !== undefined && options.backend !== running.info.backend)
      throw new SignalbookError("another backend already runs in this process", {
        found: running.info.backend,
        expected: options.backend,
        fix: `start a new process with SIGNALBOOK_BACKEND=${options.backend}`,
      });
    return running.info;
  }
  const wanted = options.backend ?? backendFromEnvironment();
  const state = wanted === "cpu" ? startPlain("asked for") : startNative(wanted === "tensorflow");
  setEngineState(state);
  return state.info;
}

function backendFromEnvironment(): "tensorflow" | "cpu" | undefined {
  const named = process.env["SIGNALBOOK_BACKEND"];
  if (named === undefined || named === "") return undefined;
  if (named === "tensorflow" || named === "cpu") return named;
  throw new SignalbookError("an unknown backend", {
    place: "SIGNALBOOK_BACKEND",
    found: named,
    expected: "tensorflow or cpu",
  });
}

function startNative(required: boolean): EngineState {
  const installed = findEngine();
  if (installed === undefined) {
    const fix = "run `npm run setup` to install TensorFlow's library";
    if (required) throw new SignalbookError("the TensorFlow engine is not installed", { fix });
    // Chosen only with a visible warning: the same work takes many times as long.
    process.emitWarning(`signalbook: no TensorFlow library, running on tfjs' plain JavaScript backend (slow); ${fix}`);
    return startPlain("TensorFlow's library is not installed");
  }
  const { native, devices } = loadNative(installed);
  const gpu = devices.find((device) => device.type === "GPU");
  return {
    info: {
      backend: "tensorflow",
      device: gpu?.name ?? "CPU",
      devices: devices.map((device) => device.name),
      tensorflowVersion: native.api.TF_Version(),
      tfjsVersion: tfjs.version.tfjs,
      variant: installed.variant,
      libraryFolder: installed.folder,
      fallbackReason: null,
    },
    native,
    compiledFunctions: 0,
  };
}

function loadNative(installed: InstalledEngine): { native: NativeEngine; devices: Device[] } {
  // Both must be in the environment before the library loads: the library reads them once.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "3";
  process.env["TF_ENABLE_ONEDNN_OPTS"] ??= "1";
  const api = loadCApi(installed.folder);
  const context = quietly(() => newContext(api));
  const devices = listDevices(api, context);
  const usesGpu = devices.some((device) => device.type === "GPU");
  const eager = new EagerBinding(api, context, usesGpu);
  return { native: { api, context, eager, backend: registerBackend(eager) }, devices };
}

function newContext(api: CApi): Pointer {
  const status = newStatus(api);
  const options = api.TFE_NewContextOptions();
  const config = contextConfig();
  api.TFE_ContextOptionsSetConfig(options, config, config.byteLength, status.pointer);
  check(status, { op: "context options" });
  const context = api.TFE_NewContext(options, status.pointer);
  check(status, { op: "new context" });
  api.TFE_DeleteContextOptions(options);
  api.TF_DeleteStatus(status.pointer);
  return context;
}

/**
 * A serialized `ConfigProto` (tensorflow/core/protobuf/config.proto): `gpu_options { allow_growth: true }`, so that a
 * notebook does not take the whole GPU, and `intra_op_parallelism_threads` from `SIGNALBOOK_THREADS` where it is set.
 */
function contextConfig(): Uint8Array {
  const allowGrowth = [0x20, 0x01];
  const gpuOptions = [0x32, allowGrowth.length, ...allowGrowth];
  const named = process.env["SIGNALBOOK_THREADS"];
  if (named === undefined || named === "") return Uint8Array.from(gpuOptions);
  const threads = Number(named);
  if (!Number.isInteger(threads) || threads < 1 || threads > 127)
    throw new SignalbookError("a number of threads out of range", {
      place: "SIGNALBOOK_THREADS",
      found: named,
      expected: "an integer in 1 .. 127",
    });
  return Uint8Array.from([0x10, threads, ...gpuOptions]);
}

function registerBackend(eager: EagerBinding): EngineBackend {
  prepareUtil();
  // tfjs-node's modules look for the registered backend as they load, and need the repaired `util`: only now.
  const { EngineBackend: Backend } = require("./backend") as typeof import("./backend");
  const backend = new Backend(eager);
  tfjs.registerBackend("tensorflow", () => backend, 3);
  require("@tensorflow/tfjs-node-gpu/dist/register_all_kernels");
  silenceAdvice();
  tfjs.setBackend("tensorflow");
  return backend;
}

/** tfjs-node 4.22 calls two functions of `util` that Node 23 removed. */
function prepareUtil(): void {
  const util = require("node:util") as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: unknown };
  util.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/** tfjs' plain backend advises to install tfjs-node at its first use; what this project needs, the doctor says. */
function silenceAdvice(): void {
  (tfjs.findBackend("cpu") as { firstUse?: boolean }).firstUse = false;
}

function startPlain(reason: string): EngineState {
  silenceAdvice();
  tfjs.setBackend("cpu");
  return {
    info: {
      backend: "cpu",
      device: "CPU (plain JavaScript)",
      devices: [],
      tensorflowVersion: null,
      tfjsVersion: tfjs.version.tfjs,
      variant: null,
      libraryFolder: null,
      fallbackReason: reason,
    },
    native: undefined,
    compiledFunctions: 0,
  };
}

interface Device {
  name: string;
  type: string;
}

function listDevices(api: CApi, context: Pointer): Device[] {
  const status = newStatus(api);
  const list = api.TFE_ContextListDevices(context, status.pointer);
  check(status, { op: "list devices" });
  const devices = Array.from({ length: api.TF_DeviceListCount(list) }, (_, i) => ({
    name: api.TF_DeviceListName(list, i, status.pointer),
    type: api.TF_DeviceListType(list, i, status.pointer),
  }));
  api.TF_DeleteDeviceList(list);
  api.TF_DeleteStatus(status.pointer);
  return devices;
}
