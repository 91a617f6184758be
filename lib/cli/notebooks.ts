/** `signalbook run` and `signalbook report`: their options, checked, handed to the runner and the report. */
import { join } from "node:path";
import { outputsFolder } from "../core/files";
import { executeNotebooksCommand } from "../kernel";
import { type OptionValues, UsageError } from "./command";
import { reportCommand } from "./report";

const log = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Executes notebooks; writes executed copies. @throws NotebookFailure of the first that failed. */
export async function runCommand(notebooks: readonly string[], values: OptionValues): Promise<number> {
  await executeNotebooksCommand([...notebooks], {
    outputDir: text(values["output"]) ?? join(outputsFolder(), "notebooks"),
    cellTimeoutSeconds: secondsOf(values["cell-timeout"]),
    allowErrors: values["allow-errors"] === true,
    log,
  });
  return 0;
}

/** Executes all numbered notebooks, or those named, and builds the report. */
export function buildReportCommand(notebooks: readonly string[], values: OptionValues): Promise<number> {
  return reportCommand({
    notebooks: notebooks.length > 0 ? notebooks : undefined,
    outputDir: text(values["output"]),
    updateReference: values["update-reference"] === true,
    cellTimeoutSeconds: secondsOf(values["cell-timeout"]),
    log,
  });
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function secondsOf(value: string | boolean | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (value === "" || !Number.isFinite(seconds) || seconds <= 0)
    throw new UsageError(`--cell-timeout takes seconds, more than 0; found "${value}"`);
  return seconds;
}
