/** JSON files that the project wrote itself. */
import { SignalbookError } from "../core/errors";
import { decodeUtf8, readBytes } from "./text";

/**
 * A file's JSON.
 * @param expected what the file should be, for the error: "a checkpoint"
 * @throws SignalbookError naming a file that cannot be read, or that is no JSON object
 */
export function readJson(file: string, expected: string): Record<string, unknown> {
  const text = decodeUtf8(readBytes(file, expected), file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SignalbookError("no JSON", { file, found: (cause as Error).message, expected, cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SignalbookError("JSON of another kind", { file, found: text.slice(0, 40), expected });
}
