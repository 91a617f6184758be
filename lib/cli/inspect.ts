/** `signalbook inspect`: what is in a file, in words or JSON. Every sample is read, so a damaged file shows. */
import { SignalbookError } from "../core/errors";
import { summarize } from "./inspect/registry";
import type { FileSummary } from "./inspect/summary";
import { summaryText } from "./inspect/text";

export { summarize } from "./inspect/registry";
export type { FileSummary } from "./inspect/summary";
export { summaryText } from "./inspect/text";

/** Tells every file; one that cannot be read does not keep the next from being told. */
export async function inspectCommand(files: readonly string[], options: { json: boolean }): Promise<number> {
  const told: (FileSummary | { file: string; error: string })[] = [];
  for (const file of files) {
    try {
      const summary = await summarize(file);
      told.push(summary);
      if (!options.json) process.stdout.write(summaryText(summary));
    } catch (error) {
      if (!(error instanceof SignalbookError)) throw error;
      told.push({ file, error: error.message });
      process.stderr.write(`signalbook: ${error.message.replace(/\s*\n\s*/g, " ")}\n`);
    }
  }
  if (options.json) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  return told.some((summary) => "error" in summary) ? 1 : 0;
}
