/**
 * Self-supervised relative positioning (Banville et al. 2019, arXiv 1911.05419): pairs of windows, close in time or far
 * apart, drawn by the rules, and with a seed by the very numbers, of braindecode's `RelativePositioningSampler`, which
 * system 003 uses. How pairs become examples for training is in pair-dataset.ts.
 */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";

/** When a window was recorded. */
export interface WindowPlace {
  /** One recording, one clock: times of different recordings are never compared. */
  recording: string;
  onsetSeconds: number;
}

export interface PairRules {
  /** Windows are close when their onsets differ by at most so many seconds. System 003: 60. */
  tauPosSeconds: number;
  /** Windows are far apart when their onsets differ by at least so many seconds. System 003: 900. */
  tauNegSeconds: number;
  /** ... and by at most so many. Default: no limit. */
  tauMaxSeconds?: number;
  /** The chance of a close pair. Default 0.5. */
  positives?: number;
  /** Where the far window of a pair is from. Default "same recording". */
  negatives?: "same recording" | "another recording";
  /**
   * A window that has no close one, or no far one, in its recording. error: none may be without. leave out: it is never
   * drawn first. Default "error".
   */
  partnerless?: "error" | "leave out";
}

export interface WindowPair {
  /** Indices into the list of windows. */
  first: number;
  second: number;
  close: boolean;
}

export interface PairSampler {
  /** One pair: a recording, a window of it, the kind of pair and the other window, each drawn with equal chances. */
  draw(random: Generator): WindowPair;
  /** So many pairs, the same for the same seed. */
  sample(pairs: number, seed: number): WindowPair[];
}

/**
 * @throws SignalbookError for constants that do not fit each other, for two windows of one recording at the same time,
 *   and for windows without a partner, unless they are to be left out
 */
export function pairSampler(places: readonly WindowPlace[], rules: PairRules): PairSampler {
  const { tauMaxSeconds = Number.POSITIVE_INFINITY, positives = 0.5, negatives = "same recording" } = rules;
  const { tauPosSeconds, tauNegSeconds, partnerless = "error" } = rules;
  checkRules(tauPosSeconds, tauNegSeconds, tauMaxSeconds, positives);
  const recordings = windowsByRecording(places);
  if (negatives === "another recording" && recordings.length < 2)
    throw new SignalbookError("far windows from another recording need one", {
      found: `${recordings.length} recording`,
    });
  const onset = (i: number): number => places[i]!.onsetSeconds;
  const isClose = (a: number, b: number): boolean => a !== b && Math.abs(onset(a) - onset(b)) <= tauPosSeconds;
  const isFar = (a: number, b: number): boolean => {
    const distance = Math.abs(onset(a) - onset(b));
    return a !== b && distance >= tauNegSeconds && distance <= tauMaxSeconds;
  };
  const starts = recordings.map((windows) =>
    windows.filter((a) => {
      const needsClose = positives > 0;
      const needsFar = positives < 1 && negatives === "same recording";
      return (!needsClose || windows.some((b) => isClose(a, b))) && (!needsFar || windows.some((b) => isFar(a, b)));
    }),
  );
  requirePartners(places, recordings, starts, partnerless);

  const pick = <T>(items: readonly T[], random: Generator): T => items[random.below(items.length)]!;
  const draw = (random: Generator): WindowPair => {
    const recording = random.below(recordings.length);
    const first = pick(starts[recording]!, random);
    // NumPy's binomial(1, positives) by inversion
    const uniform = random.random();
    const close = positives > 0.5 ? uniform <= positives : uniform > 1 - positives;
    if (!close && negatives === "another recording") {
      let other = recording;
      let second = first;
      while (other === recording) {
        other = random.below(recordings.length);
        second = pick(recordings[other]!, random);
      }
      return { first, second, close };
    }
    const partners = recordings[recording]!.filter((b) => (close ? isClose(first, b) : isFar(first, b)));
    return { first, second: pick(partners, random), close };
  };
  return {
    draw,
    sample(pairs, seed) {
      const random = new Generator(seed);
      return Array.from({ length: pairs }, () => draw(random));
    },
  };
}

/**
 * The times that system 003's notebook made up: the windows of a subject one after the other as they are listed, both
 * nights run together as one recording. Where windows were shuffled, as in that system's target set, "close" then means
 * nothing. For repeating what was published; real onsets make the method.
 * @param subjects the subject of each window, as listed
 */
export function inventedPlaces(subjects: readonly string[], windowSeconds = 30): WindowPlace[] {
  const counts = new Map<string, number>();
  return subjects.map((recording) => {
    const index = counts.get(recording) ?? 0;
    counts.set(recording, index + 1);
    return { recording, onsetSeconds: index * windowSeconds };
  });
}

function checkRules(tauPos: number, tauNeg: number, tauMax: number, positives: number): void {
  if (!(tauPos > 0 && tauNeg >= tauPos && tauMax >= tauNeg))
    throw new SignalbookError("times of close and far windows that do not fit each other", {
      found: `close up to ${tauPos} s, far from ${tauNeg} to ${tauMax} s`,
      expected: "0 < close <= far from <= far to",
    });
  if (!(positives >= 0 && positives <= 1))
    throw new SignalbookError("a chance out of range", { found: String(positives), expected: "0 .. 1" });
}

/** Indices of each recording's windows, recordings in the order in which they first appear. */
function windowsByRecording(places: readonly WindowPlace[]): number[][] {
  const recordings = new Map<string, Map<number, number>>();
  places.forEach(({ recording, onsetSeconds }, i) => {
    const windows = recordings.get(recording) ?? new Map<number, number>();
    const twin = windows.get(onsetSeconds);
    if (twin !== undefined || !Number.isFinite(onsetSeconds))
      throw new SignalbookError("windows of one recording that have no times of their own", {
        place: `recording ${recording}, window ${i}`,
        found: twin === undefined ? `onset ${onsetSeconds}` : `onset ${onsetSeconds} s, as window ${twin}`,
        fix: "name each night as a recording of its own",
      });
    recordings.set(recording, windows.set(onsetSeconds, i));
  });
  return [...recordings.values()].map((windows) => [...windows.values()]);
}

function requirePartners(
  places: readonly WindowPlace[],
  recordings: readonly (readonly number[])[],
  starts: readonly (readonly number[])[],
  partnerless: "error" | "leave out",
): void {
  if (recordings.length === 0) throw new SignalbookError("no windows to draw pairs of");
  const bare = recordings.findIndex((windows, r) => {
    const found = starts[r]!.length;
    return partnerless === "error" ? found < windows.length : found === 0;
  });
  if (bare < 0) return;
  const { [bare]: windows = [] } = recordings;
  throw new SignalbookError("windows without a close one or without a far one in their recording", {
    place: `recording ${places[windows[0]!]!.recording}`,
    found: `${windows.length - starts[bare]!.length} of ${windows.length} windows`,
    fix: 'choose other times for "close" and "far", or leave such windows or recordings out',
  });
}
