/** What to draw of an unknown recording: the channels a clinician would put on a page, found by their labels. */
import type { Signal } from "../formats";
import { bipolarMontage, LONGITUDINAL_CHAINS } from "./montages";
import { labelledElectrodes, psgChannels } from "./psg-channels";
import { MAIC_LAYOUT, type PsgRow } from "./psg-layout";

export interface PageTrace {
  label: string;
  /** Of the signal, or of two to be subtracted, among the recording's signals. */
  positions: readonly [signal: number] | readonly [plus: number, minus: number];
  /** Hz: what the trace is looked at in; as recorded when left out. */
  band?: PsgRow["band"];
}

export interface PageMontage {
  kind: "polysomnography" | "scalp EEG" | "as recorded";
  traces: PageTrace[];
}

/** With fewer traces of a kind a page would leave out most of the recording: it is shown as it is. */
const LEAST_TRACES = 6;
/** Volts at this rate (Hz) or more are taken for electrodes, whose slow drift would fill the page. */
const ELECTRODE_RATE = 50;

/**
 * The rows of a polysomnography (of several channels that fit one, the first), else the front-to-back bipolar chains of
 * a scalp EEG, else the first `most` signals, without impedances and triggers.
 */
export function pageMontage(signals: readonly Pick<Signal, "label" | "unit" | "sampleRate">[], most = 16): PageMontage {
  const sleep = sleepTraces(signals);
  if (sleep.length >= LEAST_TRACES) return { kind: "polysomnography", traces: sleep };
  const scalp = scalpTraces(signals);
  if (scalp.length >= LEAST_TRACES) return { kind: "scalp EEG", traces: scalp };
  const traces = [...signals.keys()]
    .filter((i) => isDrawn(signals[i]!))
    .slice(0, most)
    .map((i): PageTrace => {
      const { label, unit, sampleRate } = signals[i]!;
      const electrode = /^[mun\u00b5\u03bc]?V$/.test(unit) && sampleRate >= ELECTRODE_RATE;
      return { label, positions: [i], ...(electrode ? { band: { low: 0.3 } } : {}) };
    });
  return { kind: "as recorded", traces };
}

/** Impedances are no signals to look at, nor are the bits of BioSemi's trigger channel, which calls itself microvolts. */
function isDrawn({ label, unit, sampleRate }: Pick<Signal, "label" | "unit" | "sampleRate">): boolean {
  return !/^[kM]?ohm$/i.test(unit) && !/^status$/i.test(label.trim()) && sampleRate > 0;
}

function sleepTraces(signals: readonly Pick<Signal, "label">[]): PageTrace[] {
  const { rows } = psgChannels(signals, MAIC_LAYOUT, {}, { ambiguous: "first" });
  const seen = new Set<string>();
  return MAIC_LAYOUT.rows.flatMap(({ name, band, electrodes }, i) => {
    const positions = rows[i];
    // Saturation has two rows of one signal.
    if (!positions || seen.has(positions.join())) return [];
    seen.add(positions.join());
    const label = electrodes === undefined ? signals[positions[0]]!.label : name;
    return [{ label, positions, ...(band === undefined ? {} : { band }) }];
  });
}

function scalpTraces(signals: readonly Pick<Signal, "label">[]): PageTrace[] {
  const channels = signals.map(({ label }) => labelledElectrodes(label));
  const band = { low: 0.5, high: 70 };
  return bipolarMontage(LONGITUDINAL_CHAINS).flatMap(({ label, plus, minus }): PageTrace[] => {
    const [a, b] = [plus, minus as string].map((name) => {
      const key = labelledElectrodes(name).electrode;
      return [...channels.keys()].filter((i) => channels[i]!.electrode === key);
    }) as [number[], number[]];
    const [first, second] = [a[0], b[0]];
    // Two channels of one electrode, or two references: which is meant is not for us to say.
    if (a.length !== 1 || b.length !== 1 || channels[first!]!.reference !== channels[second!]!.reference) return [];
    return [{ label, positions: [first!, second!], band }];
  });
}
