/** The nouns every format is read into. Samples are in physical units; times are seconds from the recording's start. */

/** One channel of a recording. */
export interface Signal {
  /** As the file names it: "V5", "EEG Fpz-Cz". */
  label: string;
  /** Physical unit of the samples: "mV", "uV". */
  unit: string;
  /** Hz. */
  sampleRate: number;
  /** Physical units unless the reader says it returns stored units. NaN where the file marks a sample as missing. */
  samples: Float64Array | Float32Array | Int16Array;
}

/** Something that happened at a time: a beat, a sleep stage, a technician's remark. */
export interface Annotation {
  /** Seconds from the recording's start. */
  onset: number;
  /** Seconds; null where the file gives none. */
  duration: number | null;
  text: string;
}

/** What one examination's file, or group of files, holds. */
export interface Recording {
  /** The record's name within its data set. */
  id: string;
  /** Path of the file it was read from. */
  source: string;
  /** Start as written in the file, its clock read as UTC (the formats name no time zone); null where it gives none. */
  start: Date | null;
  signals: Signal[];
  annotations: Annotation[];
  /** The header's comment lines, without their mark. */
  comments: string[];
}

/**
 * Stages of the AASM manual. "?" is an epoch no one scored, "M" movement time (Rechtschaffen and Kales): both are kept
 * apart from the stages, to be left out or mapped by whoever uses the hypnogram.
 */
export type SleepStage = "W" | "N1" | "N2" | "N3" | "REM" | "?" | "M";

/** Stages of Rechtschaffen and Kales (1968): deep sleep in two, and movement time a stage of its own. */
export type RkStage = "W" | "S1" | "S2" | "S3" | "S4" | "REM" | "?" | "M";

/** A night's stages, one an epoch, without gaps. */
export interface Hypnogram {
  /** Path of the file it was read from. */
  source: string;
  /** Start of the first epoch (clock read as UTC); null where the file gives none. */
  start: Date | null;
  /** Length of an epoch in seconds, usually 30. */
  epochSeconds: number;
  stages: SleepStage[];
  /**
   * The same epochs by Rechtschaffen and Kales, S3 and S4 apart, where every one of them was scored so. Left out for
   * every other scoring: nothing tells which part of N3 would have been S4.
   */
  rkStages?: RkStage[];
}
