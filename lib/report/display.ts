/**
 * Rich output of a cell: one output in several MIME types, of which a front end takes the richest it knows and the
 * static report the one it can print. Outside a notebook the text of the bundle goes to standard output, so the same
 * code runs in a script and in a test.
 */
import { randomUUID } from "node:crypto";
import { SignalbookError } from "../core/errors";

/**
 * One output, keyed by MIME type. Every bundle carries `text/plain`: it is what a terminal, a log and a screen reader
 * get. Bytes (`image/png` ...) are sent as base64; objects (`application/...+json`) as JSON.
 */
export interface Bundle {
  "text/plain": string;
  [mimeType: string]: unknown;
}

/** The key under which a value describes itself to a notebook (the same as Deno's kernel uses). */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display");

/** A value that describes itself: as the last expression of a cell it is shown, not printed. */
export interface Displayable {
  [jupyterDisplay](): Bundle | Promise<Bundle>;
}

/** How a bundle is shown. */
export interface ShowOptions {
  /** Names the output, so that a later call can replace it. */
  displayId?: string;
  /** Replaces the output shown under `displayId` instead of adding one. */
  update?: boolean;
  /** Metadata by MIME type, as the Jupyter protocol has it (for example a width of an image). */
  metadata?: Record<string, unknown>;
}

/** One place in a cell's output that can be redrawn: a progress bar, a running table. */
export interface DisplayHandle {
  readonly displayId: string;
  /** Shows `bundle` in this place; the first call creates it, later calls replace what is there. */
  show(bundle: Bundle, metadata?: Record<string, unknown>): void;
}

type WriteDisplayData = (content: unknown, update: boolean) => void;

/**
 * Shows one bundle, or a value that describes itself (then await it: the description may take a moment).
 * @throws SignalbookError when a key is no MIME type, `text/plain` is missing, or an update names no display.
 */
export function show(bundle: Bundle, options?: ShowOptions): void;
export function show(value: Displayable, options?: ShowOptions): Promise<void>;
export function show(value: Bundle | Displayable, options: ShowOptions = {}): void | Promise<void> {
  if (isDisplayable(value)) return Promise.resolve(value[jupyterDisplay]()).then((bundle) => send(bundle, options));
  return send(value, options);
}

/** A new place in the cell's output, to be drawn and redrawn. */
export function newDisplay(): DisplayHandle {
  const displayId = randomUUID();
  let shown = false;
  return {
    displayId,
    show(bundle, metadata) {
      send(bundle, { displayId, update: shown, metadata });
      shown = true;
    },
  };
}

/** Whether `value` describes itself under {@link jupyterDisplay}. */
export function isDisplayable(value: unknown): value is Displayable {
  return (
    value !== null &&
    typeof value === "object" &&
    typeof (value as Record<symbol, unknown>)[jupyterDisplay] === "function"
  );
}

function send(bundle: Bundle, { displayId, update = false, metadata = {} }: ShowOptions): void {
  check(bundle);
  if (update && displayId === undefined)
    throw new SignalbookError("an update of an output without its name", {
      fix: "pass displayId, or use newDisplay()",
    });
  const write = writerOfTheKernel();
  if (write === null) {
    print(bundle["text/plain"], update);
    return;
  }
  const data = Object.fromEntries(Object.entries(bundle).map(([type, content]) => [type, encode(content)]));
  write({ data, metadata, transient: displayId === undefined ? {} : { display_id: displayId } }, update);
}

function check(bundle: Bundle): void {
  const wrong = Object.keys(bundle).find((type) => !/^[\w.+-]+\/[\w.+-]+$/.test(type));
  if (wrong !== undefined)
    throw new SignalbookError("a display bundle with a key that is no MIME type", {
      found: JSON.stringify(wrong),
      expected: 'keys such as "text/html" or "image/svg+xml"',
    });
  if (typeof bundle["text/plain"] !== "string")
    throw new SignalbookError("a display bundle without text", {
      found: `keys ${Object.keys(bundle).join(", ") || "(none)"}`,
      expected: 'a string under "text/plain"',
    });
}

function encode(content: unknown): unknown {
  return content instanceof Uint8Array ? Buffer.from(content).toString("base64") : content;
}

/** tslab's way to the front end, when this process is its kernel; looked up without loading tslab (a compiler). */
function writerOfTheKernel(): WriteDisplayData | null {
  const loaded = require.cache[require.resolve("tslab/dist/jupyter")];
  const { lastWriteDisplayData = null } = (loaded?.exports ?? {}) as { lastWriteDisplayData?: WriteDisplayData | null };
  return lastWriteDisplayData;
}

function print(text: string, update: boolean): void {
  const inPlace = update && process.stdout.isTTY && !text.includes("\n");
  process.stdout.write(inPlace ? `\u001b[1A\u001b[2K${text}\n` : `${text}\n`);
}
