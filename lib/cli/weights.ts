/** `signalbook weights`: what a weights file holds, files made to fit a model, and weights taken out of a checkpoint. */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { createModel } from "../models";
import { loadPretrained, modelState, readCheckpoint, writeWeights } from "../training";
import { columns, type OptionValues, UsageError } from "./command";
import { inspectWeights } from "./weights-inspect";

/** Options that each of the three takes. */
const taken: Readonly<Record<string, readonly string[]>> = {
  inspect: ["json"],
  import: ["model", "out", "channels", "classes", "height", "width", "head", "seed"],
  export: ["out", "best"],
};

/** @throws UsageError for another action, too many files, and options that the action does not take */
export async function weightsCommand(operands: readonly string[], values: OptionValues): Promise<number> {
  const [action = "", file = "", ...more] = operands;
  const known = taken[action];
  if (known === undefined) throw new UsageError(`weights takes ${Object.keys(taken).join(", ")}; found "${action}"`);
  if (more.length > 0) throw new UsageError(`weights ${action} takes one file; found "${more[0]}" after it`);
  const strange = Object.keys(values).find((name) => name !== "debug" && !known.includes(name));
  if (strange !== undefined) throw new UsageError(`weights ${action} takes no --${strange}`);
  if (action === "inspect") return inspectCommand(file, values["json"] === true);
  return action === "import" ? importCommand(file, values) : exportCommand(file, values);
}

function inspectCommand(file: string, json: boolean): number {
  const found = inspectWeights(file);
  if (json) {
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return 0;
  }
  const { tensors, values, fits } = found;
  const rows = tensors.map(({ name, type, shape }) => [name, `${type} [${shape.join(", ")}]`] as const);
  const lines = fits.map(({ model, options, differs }) => {
    const given = Object.entries(options).map(([name, value]) => `${name} ${value}`);
    const how = [...(given.length > 0 ? [`with ${given.join(", ")}`] : []), ...differs];
    return [model, how.length > 0 ? how.join("; ") : "as it is made without options"] as const;
  });
  process.stdout.write(
    [
      `${file}: ${tensors.length} tensors, ${values.toLocaleString("en-US")} values`,
      ...columns(rows),
      lines.length > 0 ? "fits" : "fits no model of the registry",
      ...columns(lines),
      "",
    ].join("\n"),
  );
  return 0;
}

function importCommand(file: string, values: OptionValues): number {
  const [name, out] = [needed("import", values, "model"), needed("import", values, "out")];
  const { head = "keep" } = values;
  if (head !== "keep" && head !== "new") throw new UsageError(`--head takes keep or new; found "${head}"`);
  const seed = whole(values, "seed") ?? 0;
  const sizes = ["channels", "classes", "height", "width"].map((option) => [option, whole(values, option)] as const);
  const options = Object.fromEntries(sizes.filter(([, size]) => size !== undefined));
  const model = createModel(name, options, new Generator(seed));
  try {
    const { loaded, adapted, left } = loadPretrained(model, file, { head });
    writeWeights(out, model.readState(), { model: model.name, config: model.config });
    const rows = [
      ...adapted.map(({ name: tensor, how }) => [tensor, how] as const),
      ...left.map((tensor) => [tensor, `new, drawn with seed ${seed}`] as const),
    ];
    process.stdout.write([`${out}: ${name}, ${loaded.length} tensors as they were`, ...columns(rows), ""].join("\n"));
  } finally {
    model.dispose();
  }
  return 0;
}

function exportCommand(folder: string, values: OptionValues): number {
  const out = needed("export", values, "out");
  const { run, state, weights, best } = readCheckpoint(folder);
  if (values["best"] === true && best === null)
    throw new SignalbookError("a checkpoint without a best epoch", {
      file: folder,
      fix: "export without --best: the run had no validation, or stopped before its first",
    });
  const chosen = modelState(values["best"] === true ? best! : weights);
  const { name = "", ...config } = (run["model"] ?? {}) as Record<string, unknown>;
  writeWeights(out, chosen, { model: String(name), config });
  const which = values["best"] === true ? "of its best epoch" : `after ${state.step} steps`;
  process.stdout.write(`${out}: ${name}, ${chosen.size} tensors ${which}\n`);
  return 0;
}

function needed(action: string, values: OptionValues, name: string): string {
  const value = values[name];
  if (typeof value !== "string" || value === "") throw new UsageError(`weights ${action} needs --${name}`);
  return value;
}

function whole(values: OptionValues, name: string): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (typeof text === "string" && /^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a whole number; found "${text}"`);
}
