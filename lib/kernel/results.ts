/** What the value of a cell's last expression looks like. */
import { inspect } from "node:util";

/** A value may describe itself by MIME type under this key, at once or later (lib/report/display.ts; Deno has it too). */
const SELF_DESCRIPTION = Symbol.for("Jupyter.display");

/** A result by MIME type: as the value describes itself, else as Node prints it. Text is always there. */
export async function describeValue(value: unknown): Promise<Record<string, unknown>> {
  const describe = (value as Record<symbol, unknown>)[SELF_DESCRIPTION];
  if (typeof describe !== "function") return { "text/plain": typeof value === "string" ? value : inspect(value) };
  const described = (await describe.call(value)) as Record<string, unknown>;
  const entries = Object.entries(described).map(([type, data]): [string, unknown] => [
    type,
    data instanceof Uint8Array ? Buffer.from(data).toString("base64") : data,
  ]);
  return { "text/plain": inspect(value), ...Object.fromEntries(entries) };
}
