/** The commands. Each one's work is loaded only when it runs, so that help and mistakes answer at once. */
import type { Command } from "./command";

const json = { type: "boolean", help: "print one JSON document instead of text" } as const;

/** Options of the commands that run a system. */
const stage = {
  system: {
    type: "string",
    value: "NAME",
    help: "hefei, hms, beetl, beetl-leaderboard, sleepingdragon or yai",
  },
  data: { type: "string", value: "DIR", help: "the data's folder; left out, what it must hold is told" },
  out: { type: "string", value: "DIR", help: "where all stages of a run write" },
  fold: { type: "string", value: "K", help: "this fold only" },
  seed: { type: "string", value: "N", help: "this seed only; what is trained is drawn with it, instead of 0" },
  member: { type: "string", value: "NAME", help: "this network of the preset only" },
  preset: {
    type: "string",
    value: "sample|published",
    help: "two cores and minutes (the default), or all as published",
  },
} as const;

const workers = {
  type: "string",
  value: "N",
  help: "threads that make examples (sleepingdragon, yai), instead of half of the cores; 0: none",
} as const;

export const commands: readonly Command[] = [
  {
    name: "doctor",
    summary: "check that everything needed is here and computes rightly",
    operands: "",
    minimumOperands: 0,
    details:
      "Tells versions, the engine and device really used, one matrix product and one convolution gradient checked\n" +
      "against plain loops, the notebook kernel, memory and disk. Exit code 1 when the report could not be made here.",
    options: { json },
    run: async (_operands, values) => (await import("./doctor")).doctorCommand({ json: values["json"] === true }),
  },
  {
    name: "report",
    summary: "run the notebooks and build the report",
    operands: "[NOTEBOOK...]",
    minimumOperands: 0,
    details:
      "Executes every numbered notebook of notebooks/, or those named, and builds outputs/report/index.html from them,\n" +
      "also when one fails. Says where results differ from outputs/reference/. Exit code 1 when a notebook failed.",
    options: {
      output: { type: "string", value: "DIR", help: "where the report goes, instead of outputs/report" },
      "cell-timeout": { type: "string", value: "SECONDS", help: "the longest a cell may take" },
      "update-reference": { type: "boolean", help: "make this run's results the committed reference" },
    },
    run: async (operands, values) => (await import("./notebooks")).buildReportCommand(operands, values),
  },
  {
    name: "run",
    summary: "run notebooks without a browser",
    operands: "NOTEBOOK...",
    minimumOperands: 1,
    details:
      "Executes notebooks through the project's kernel, in the order given, and writes executed copies. Parameters are\n" +
      "environment variables SIGNALBOOK_*. Stops at the first notebook that fails: exit code 1, with cell, line and message.",
    options: {
      output: { type: "string", value: "DIR", help: "where executed copies go, instead of outputs/notebooks" },
      "cell-timeout": { type: "string", value: "SECONDS", help: "the longest a cell may take" },
      "allow-errors": { type: "boolean", help: "go on after a cell that fails" },
    },
    run: async (operands, values) => (await import("./notebooks")).runCommand(operands, values),
  },
  {
    name: "inspect",
    summary: "tell what is in a recording, hypnogram, table, array or image",
    operands: "FILE...",
    minimumOperands: 1,
    details:
      "Reads EDF, EDF+ and BDF, WFDB records and annotations, the Hefei layout, hypnograms (EDF+, JSON, text, CSV), Parquet\n" +
      "(HMS EEGs and spectrograms, other tables), .npy, .npz, pickles of arrays, safetensors, PNG images, folders of MAIC's\n" +
      "images and of BEETL's nights, and lists in CSV. Formats are told by content first. Exit code 1 when a file cannot be\n" +
      "read; the others are told all the same. A damaged EDF file is told as far as it goes, with what was lost.",
    options: { json },
    run: async (operands, values) =>
      (await import("./inspect")).inspectCommand(operands, { json: values["json"] === true }),
  },
  {
    name: "models",
    summary: "list the architectures",
    operands: "",
    minimumOperands: 0,
    details:
      "Lists the models that createModel() makes; with --json also their sources, options and inputs. With --count each\n" +
      "is made and counted: what it prints belongs in lib/models/summary.csv.",
    options: { json, count: { type: "boolean", help: "count parameters and multiply-adds anew, as csv" } },
    run: async (_operands, values) =>
      (await import("./models")).modelsCommand({ json: values["json"] === true, count: values["count"] === true }),
  },
  {
    name: "profile",
    summary: "tell which operations of a model's step cost what",
    operands: "MODEL",
    minimumOperands: 1,
    details:
      "Makes the training step that `fit` takes (with Adam), or an inference, of a model and times it, and then each of\n" +
      "its operations by itself: tables by kind of operation and by operation with its shapes, beside the time of the\n" +
      "whole step. What could not be timed by itself is listed. Takes as long as some tens of steps.",
    options: {
      json,
      batch: { type: "string", value: "N", help: "examples of a step, instead of 1" },
      size: { type: "string", value: "HxW", help: "of images, in pixels, instead of the published" },
      samples: { type: "string", value: "N", help: "of a signal's window, instead of the published" },
      channels: { type: "string", value: "N", help: "the model's input channels" },
      classes: { type: "string", value: "N", help: "the model's classes" },
      mode: {
        type: "string",
        value: "train|infer",
        help: "what is profiled: a training step (the default), or inference",
      },
      precision: { type: "string", value: "NAME", help: "float32 (the default), bfloat16 or float16" },
    },
    run: async (operands, values) => (await import("./profile")).profileCommand(operands, values),
  },
  {
    name: "weights",
    summary: "look into weights files, fit them to a model, take them out of a checkpoint",
    operands: "inspect FILE | import FILE | export CHECKPOINT",
    minimumOperands: 2,
    details:
      "inspect lists a safetensors file's tensors and the models it fits. import takes timm's weights, or torchvision's of\n" +
      "the same networks, checks every name and shape, fits the first convolution to --channels, a vision transformer's\n" +
      "positions to --height and --width, and writes a file that loads as it is; --head new leaves the last layer as\n" +
      "drawn. export writes a training checkpoint's last weights, or its best. Exit code 1 when something does not fit.",
    options: {
      json,
      model: { type: "string", value: "NAME", help: "import: the model, as `signalbook models` lists it" },
      out: { type: "string", value: "FILE", help: "import, export: where the weights go" },
      channels: { type: "string", value: "N", help: "import: the model's input channels" },
      classes: { type: "string", value: "N", help: "import: the model's classes" },
      height: { type: "string", value: "PIXELS", help: "import: of the images, where the model has one size" },
      width: { type: "string", value: "PIXELS", help: "import: of the images, where the model has one size" },
      head: { type: "string", value: "keep|new", help: "import: the last layer from the file (the default), or new" },
      seed: { type: "string", value: "N", help: "import: what a new last layer is drawn with, instead of 0" },
      best: { type: "boolean", help: "export: the weights of the best epoch, instead of the last" },
    },
    run: async (operands, values) => (await import("./weights")).weightsCommand(operands, values),
  },
  {
    name: "verify",
    summary: "look through your copy of a full data set",
    operands: "maic|sleepedf|beetl|hms|hefei|ptbxl [DIR]",
    minimumOperands: 1,
    details:
      "Says what is there, what is missing and what is not as it should be; data/README.md tells how each set must lie.\n" +
      "Without DIR the folder is the one that SIGNALBOOK_DATA_MAIC, SIGNALBOOK_DATA_SLEEPEDF ... names. Exit code 1 when\n" +
      "anything is missing or wrong.",
    options: { deep: { type: "boolean", help: "open every file, instead of only looking for it" }, json },
    run: async ([name, folder], values) =>
      (await import("./verify")).verifyCommand(name!, {
        folder: folder ?? null,
        deep: values["deep"] === true,
        json: values["json"] === true,
      }),
  },
  {
    name: "simulate",
    summary: "write a simulated data set in a competition's layout",
    operands: "maic|beetl|hms|hefei",
    minimumOperands: 1,
    details:
      "maic: images of polysomnographies. beetl: windows of sleep EEG of three age groups. hms: EEGs and spectrograms with\n" +
      "votes. hefei: electrocardiograms. Nights follow the transition statistics of the sample's real hypnograms. Same seed,\n" +
      "same files. What a competition keeps to itself, the labels of its test set, is in a file of its own.",
    options: {
      out: { type: "string", value: "DIR", help: "where the data set goes: a new folder, or an empty one" },
      subjects: { type: "string", value: "N", help: "labelled subjects; a test set comes on top" },
      seed: { type: "string", value: "N", help: "0 when left out" },
      epochs: { type: "string", value: "N", help: "epochs of 30 s a night (maic and beetl)" },
    },
    run: async ([layout], values) => (await import("./simulate")).simulateCommand(layout!, values),
  },
  {
    name: "clean",
    summary: "list what the outputs folder keeps of older sources, or remove it",
    operands: "",
    minimumOperands: 0,
    details:
      "Simulated sets of notebooks lie in outputs/simulated/, named by a hash of the simulator's sources, and images made\n" +
      "once in outputs/cache/. Lists with their sizes the sets that the sources of now would not use, what an interrupted\n" +
      "run left half written, and cached examples whose files are gone or changed; with --remove they go. All can be made\n" +
      "again, and nothing else is touched. Not while notebooks run: one that began with older sources still reads its set.",
    options: { json, remove: { type: "boolean", help: "remove what is listed" } },
    run: async (_operands, values) =>
      (await import("./clean")).cleanCommand({ remove: values["remove"] === true, json: values["json"] === true }),
  },
  {
    name: "train",
    summary: "train a system's networks, each fold of each",
    operands: "",
    minimumOperands: 0,
    details:
      "Reads the labelled data, splits them once for the whole run, and trains. Writes DIR/train/<training>/: weights,\n" +
      "metrics, a checkpoint, and train.json, which tells command, versions, data hashes, split, seed and what computed.\n" +
      "Trainings that are done are left alone. Ctrl-C leaves a checkpoint (exit code 130); --resume goes on from it.",
    options: {
      ...stage,
      folds: {
        type: "string",
        value: "own|published",
        help: "nobody in two folds (the default), or as published: sleepingdragon, yai; leaks",
      },
      precision: { type: "string", value: "NAME", help: "float32, bfloat16 or float16, instead of the preset's" },
      workers,
      resume: { type: "boolean", help: "go on with trainings that were interrupted" },
    },
    run: async (_operands, values) => (await import("./train")).trainCommand(values),
  },
  {
    name: "evaluate",
    summary: "score each trained network on the examples held back from it",
    operands: "",
    minimumOperands: 0,
    details:
      "Predicts the fold that each training held back, writes predictions and scores to DIR/evaluate/<training>/. Without\n" +
      "--fold, --seed or --member: all that is trained. The data must be those that were trained on.",
    options: { ...stage, workers },
    run: async (_operands, values) => (await import("./evaluate")).evaluateCommand(values),
  },
  {
    name: "predict",
    summary: "ask each trained network about the examples to label",
    operands: "",
    minimumOperands: 0,
    details:
      "Writes probabilities to DIR/predict/<training>/. Without --fold, --seed or --member: all that is trained. Other\n" +
      "examples than those predicted before are refused.",
    options: { ...stage, workers },
    run: async (_operands, values) => (await import("./predict")).predictCommand(values),
  },
  {
    name: "ensemble",
    summary: "blend the trained networks' predictions as the system does",
    operands: "",
    minimumOperands: 0,
    details:
      "Takes every training, or those chosen, with its predictions and its score on the examples held back, and writes\n" +
      "the blend and its weights to DIR/ensemble/.",
    options: stage,
    run: async (_operands, values) => (await import("./ensemble")).ensembleCommand(values),
  },
  {
    name: "submit",
    summary: "write the blend as the file that is handed in, and check it",
    operands: "",
    minimumOperands: 0,
    details: "Writes the competition's file (its own name, its format) to DIR/submit/, reads it back and compares.",
    options: stage,
    run: async (_operands, values) => (await import("./submit")).submitCommand(values),
  },
];
