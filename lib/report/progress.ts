/**
 * How far a training is, shown where it runs: a bar in a notebook's cell, redrawn in place; one rewritten line on a
 * terminal; plain lines, far fewer, where the output is a log.
 */
import type { Writable } from "node:stream";
import type { WriteStream } from "node:tty";
import { precisionText, type RanPrecision } from "../training/ran-precision";
import { type Bundle, type DisplayHandle, newDisplay } from "./display";
import { formatNumber } from "./format";
import { escapeHtml } from "./tables";

/** What a training loop tells. */
export interface ProgressEvent {
  /** From 1. */
  epoch: number;
  epochs: number;
  /** Steps done in this epoch. */
  step: number;
  /** Steps of an epoch. */
  steps: number;
  loss?: number;
  learningRate?: number;
  examplesPerSecond?: number;
  /** A score of the last validation. */
  metric?: { name: string; value: number };
  /** Estimated time to the end of the whole training. */
  secondsLeft?: number;
  /** What the training computes in: told at its end. */
  ran?: RanPrecision;
}

export type ProgressSurface = "cell" | "terminal" | "log";

export interface ProgressOptions {
  /** What is trained: "fold 2 of 5". */
  title?: string;
  /** Default: a cell when this process is a notebook's kernel, a terminal when standard output is one, else a log. */
  surface?: ProgressSurface;
  /** Where a terminal's or a log's text goes. Default standard output. */
  output?: Writable;
  /** The place in a cell. Default a new one. */
  display?: DisplayHandle;
  /** Milliseconds, ever growing. Default `performance.now`. */
  now?: () => number;
}

export interface ProgressDisplay {
  update(event: ProgressEvent): void;
  /**
   * Draws the last event and ends the line. `outcome` is added: "stopped early, best epoch 7"; and what was computed in,
   * on a terminal as a line of its own.
   */
  finish(outcome?: string): void;
}

/** At most five drawings a second, and in a log one line in ten seconds: nobody reads faster. */
const leastMilliseconds: Readonly<Record<ProgressSurface, number>> = { cell: 200, terminal: 200, log: 10_000 };
const barColumns = 24;

/** A display of one training. Drawing is throttled; the first event, and `finish`, are always drawn. */
export function progressDisplay(options: ProgressOptions = {}): ProgressDisplay {
  const { surface = surfaceHere(), output = process.stdout, now = () => performance.now() } = options;
  const display = surface === "cell" ? (options.display ?? newDisplay()) : undefined;
  let last: ProgressEvent | undefined;
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let lineLength = 0;

  const draw = (event: ProgressEvent, outcome?: string) => {
    lastDrawn = now();
    const said = progressText(event, options.title, outcome);
    const text = outcome === undefined || surface === "terminal" ? said : [said, ...precisionOf(event)].join("; ");
    if (display !== undefined) display.show(progressBundle(event, text, options.title));
    else if (surface === "terminal") {
      const line = fitting(`${bar(shareDone(event))} ${text}`, text, output);
      output.write(`\r${line.padEnd(lineLength)}`);
      lineLength = line.length;
    } else output.write(`${text}\n`);
  };
  return {
    update(event) {
      last = event;
      if (now() - lastDrawn >= leastMilliseconds[surface]) draw(event);
    },
    finish(outcome) {
      if (last !== undefined) draw(last, outcome ?? "done");
      if (surface === "terminal") output.write(["", ...(last === undefined ? [] : precisionOf(last)), ""].join("\n"));
    },
  };
}

const precisionOf = ({ ran }: ProgressEvent): string[] => (ran === undefined ? [] : [precisionText(ran)]);

/** "fold 1: epoch 3 of 20, step 12 of 80, loss 0.412, macro AUC 0.801, rate 0.0003, 52 examples/s, 1 min 20 s left" */
export function progressText(event: ProgressEvent, title?: string, outcome?: string): string {
  const { epoch, epochs, step, steps, loss, learningRate, examplesPerSecond, metric, secondsLeft } = event;
  const parts = [`epoch ${epoch} of ${epochs}`, `step ${step} of ${steps}`];
  if (loss !== undefined) parts.push(`loss ${formatNumber(loss, 4)}`);
  if (metric !== undefined) parts.push(`${metric.name} ${formatNumber(metric.value, 3)}`);
  if (learningRate !== undefined) parts.push(`rate ${significant(learningRate, 3)}`);
  if (examplesPerSecond !== undefined) parts.push(`${significant(examplesPerSecond, 2)} examples/s`);
  if (outcome !== undefined) parts.push(outcome);
  else if (secondsLeft !== undefined) parts.push(`${durationText(secondsLeft)} left`);
  return `${title === undefined ? "" : `${title}: `}${parts.join(", ")}`;
}

/** Rounded to so many digits, large numbers to whole ones: 0.000312, 0.012, 52, 1234. */
function significant(value: number, digits: number): string {
  return String(value >= 10 ** digits ? Math.round(value) : Number(value.toPrecision(digits)));
}

/** Seconds as people say them: "45 s", "3 min 5 s", "2 h 10 min". */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A line that wraps could not be rewritten: the bar is left out where both do not fit, then the end of the text. */
function fitting(whole: string, text: string, output: Writable): string {
  const { columns = Number.POSITIVE_INFINITY } = output as Partial<WriteStream>;
  return whole.length < columns ? whole : text.slice(0, columns - 1);
}

function shareDone({ epoch, epochs, step, steps }: ProgressEvent): number {
  return Math.min(1, Math.max(0, (epoch - 1 + (steps > 0 ? step / steps : 0)) / epochs));
}

function bar(share: number): string {
  const full = Math.round(share * barColumns);
  return `[${"█".repeat(full)}${"░".repeat(barColumns - full)}]`;
}

function progressBundle(event: ProgressEvent, text: string, title = "training"): Bundle {
  const share = shareDone(event);
  return {
    "text/html":
      `<div class="signalbook-progress"><progress max="1" value="${share.toFixed(4)}" ` +
      `aria-label="${escapeHtml(title)}" style="width: 16em; vertical-align: middle"></progress> ` +
      `<span>${escapeHtml(text)}</span></div>`,
    "text/plain": `${bar(share)} ${text}`,
  };
}

function surfaceHere(): ProgressSurface {
  const kernel = require.cache[require.resolve("tslab/dist/jupyter")]?.exports as
    | { lastWriteDisplayData?: unknown }
    | undefined;
  if (kernel?.lastWriteDisplayData) return "cell";
  return process.stdout.isTTY && process.env["CI"] === undefined ? "terminal" : "log";
}
