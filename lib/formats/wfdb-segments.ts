/**
 * WFDB records of several segments, each a record of its own. In a fixed layout every segment has the same signals; in a
 * variable one the first segment, of length 0, lists all signals and each other segment has some of them.
 */
import { SignalbookError } from "../core/errors";
import type { Signal } from "./types";
import { readWfdbHeader, type WfdbHeader, type WfdbSegment, type WfdbSignalSpec } from "./wfdb-header";
import { checkMissing, fileBeside, physicalSignals, readStored } from "./wfdb-stored";

/** A segment in which nothing was recorded. */
const GAP = "~";

/** The segments' signals joined, in physical units (Float64Array); NaN where a segment does not have the signal. */
export function readSegments(header: WfdbHeader): Signal[] {
  const recorded = header.segments.map((segment) => (segment.record === GAP ? null : segmentHeader(header, segment)));
  const layout = recorded.find((segment) => segment !== null);
  if (layout === undefined || layout === null)
    throw new SignalbookError("a record of gaps only", {
      file: header.file,
      expected: "one segment or more with data",
    });
  const variable = header.segments[0]!.samples === 0;
  if (layout.signals.length !== header.signalCount)
    throw problem(layout, "another number of signals", `${layout.signals.length}`, `${header.signalCount}`);
  const frames = header.segments.reduce((sum, { samples }) => sum + samples, 0);
  if (header.samples !== null && header.samples !== frames)
    throw problem(header, "segments that do not add up", `${frames} samples`, `${header.samples}`);
  const held = recorded.map((segment, i) => header.segments[i]!.samples * samplesPerFrame(segment?.signals ?? []));
  checkMissing(
    header.file,
    frames * samplesPerFrame(layout.signals),
    held.reduce((sum, samples) => sum + samples, 0),
  );
  const signals = layout.signals.map(({ label, unit, samplesPerFrame }) => ({
    label,
    unit,
    sampleRate: header.sampleRate * samplesPerFrame,
    samples: new Float64Array(frames * samplesPerFrame).fill(Number.NaN),
  }));
  let frame = 0;
  header.segments.forEach(({ samples }, i) => {
    const segment = recorded[i]!;
    if (segment !== null && samples > 0) copySegment(segment, layout, variable, signals, frame);
    frame += samples;
  });
  return signals;
}

function samplesPerFrame(specs: readonly WfdbSignalSpec[]): number {
  return specs.reduce((sum, spec) => sum + spec.samplesPerFrame, 0);
}

/** A segment's header, checked against the line that names it. */
function segmentHeader(header: WfdbHeader, { record, samples }: WfdbSegment): WfdbHeader {
  const segment = readWfdbHeader(fileBeside(header, `${record}.hea`, `segment ${record}`));
  if (segment.segments.length > 0)
    throw problem(segment, "a segment that itself has segments", `${segment.segments.length} segments`, "signals");
  if (segment.sampleRate !== header.sampleRate)
    throw problem(segment, "another sampling rate", `${segment.sampleRate} Hz`, `${header.sampleRate} Hz`);
  if ((segment.samples ?? 0) !== samples)
    throw problem(segment, "a segment of another length", `${segment.samples ?? "no"} samples`, `${samples}`);
  return segment;
}

function copySegment(
  segment: WfdbHeader,
  layout: WfdbHeader,
  variable: boolean,
  signals: readonly Signal[],
  frame: number,
): void {
  if (!variable && segment.signals.length !== layout.signals.length)
    throw problem(segment, "another number of signals", `${segment.signals.length}`, `${layout.signals.length}`);
  const taken = new Set<number>();
  physicalSignals(readStored(segment)).forEach((signal, i) => {
    const { label, samplesPerFrame } = segment.signals[i]!;
    const same = (spec: WfdbSignalSpec | undefined): boolean => spec?.label === label;
    const index = variable ? layout.signals.findIndex((spec, k) => same(spec) && !taken.has(k)) : i;
    const spec = layout.signals[index];
    if (spec === undefined || !same(spec))
      throw problem(segment, "a signal that the record does not have", `signal ${label}`, labelsOf(layout));
    taken.add(index);
    if (spec.unit !== signal.unit || spec.samplesPerFrame !== samplesPerFrame)
      throw problem(
        segment,
        `signal ${label} of another kind`,
        `${samplesPerFrame} samples a frame in ${signal.unit}`,
        `${spec.samplesPerFrame} in ${spec.unit}, as in ${layout.record}`,
      );
    signals[index]!.samples.set(signal.samples, frame * samplesPerFrame);
  });
}

function labelsOf(layout: WfdbHeader): string {
  return layout.signals.map(({ label }) => label).join(", ");
}

function problem(header: WfdbHeader, what: string, found: string, expected: string): SignalbookError {
  return new SignalbookError(what, { file: header.file, found, expected });
}
