/**
 * The polysomnography image of the MAIC 2021 sleep challenge as data: 480x270 pixels, reduced from a page of 1080 rows, 21
 * signals above each other and a blank edge. Order, heights and groups are the organisers' table. Amplitudes and filters
 * behind their plots were never published: the scales and bands here are choices, each with its reason beside it.
 */
import { SignalbookError } from "../core/errors";

/** What the lower and the upper edge of a row stand for. */
export type PsgScale =
  /** Physical values, in volts of any size or in exactly `unit`. */
  | { kind: "physical"; low: number; high: number; unit: string }
  /**
   * The signal's own values: the middle of two quantiles of the whole recording in the middle of the row, and their
   * distance over `share` of its height. For signals that every device records in units of its own.
   */
  | { kind: "recording"; quantiles: readonly [low: number, high: number]; share: number };

export interface PsgRow {
  name: string;
  /** Traces may leave their row for another of the same group, never for one of another group. */
  group: number;
  /** Of the page's height, in its pixels. */
  height: number;
  /** Two electrodes: a channel recorded as such is taken, otherwise the difference of two with one reference. */
  electrodes?: readonly [plus: string, minus: string];
  /** Labels it goes by, the preferred one first; capitals, blanks and signs do not count. */
  labels: readonly string[];
  /** Hz; a corner left out, or not below half the sampling rate, is not applied. Left out: as recorded. */
  band?: { low?: number; high?: number };
  scale: PsgScale;
}

export interface PsgLayout {
  /** Of the page that is drawn, in pixels. */
  width: number;
  height: number;
  /** Pixels of the page, each way, that become one pixel of the image; 15 at most. */
  reduction: number;
  /** Seconds of one page. */
  epochSeconds: number;
  /** Thickness of a trace in pixels of the page. */
  lineWidth: number;
  /** From top to bottom; what they leave of the height stays blank. */
  rows: readonly PsgRow[];
}

const ROW = 43;

/** Gravity is 1 g: whatever the position, no axis of a sleeper at rest leaves the row. */
const position = (axis: string): PsgRow => ({
  name: `${axis} axis`,
  group: 1,
  height: ROW,
  labels: [`${axis} axis`, `accelerometer ${axis}`, `acc ${axis}`, `position ${axis}`],
  scale: { kind: "physical", low: -1.2, high: 1.2, unit: "g" },
});

/** 75 µV is the height that the AASM manual asks of slow waves: they fill the row, larger ones overdraw its neighbours. */
const eeg = (plus: string, minus: string): PsgRow => ({
  name: `EEG ${plus}-${minus}`,
  group: 2,
  height: ROW,
  electrodes: [plus, minus],
  labels: [],
  band: { low: 0.3, high: 35 },
  scale: { kind: "physical", low: -37.5, high: 37.5, unit: "uV" },
});

/** Eye movements are some four times as large as the EEG around them. */
const eog = (plus: string, minus: string, labels: readonly string[]): PsgRow => ({
  name: `EOG ${plus}-${minus}`,
  group: 3,
  height: ROW,
  electrodes: [plus, minus],
  labels,
  band: { low: 0.3, high: 35 },
  scale: { kind: "physical", low: -150, high: 150, unit: "uV" },
});

/** Tone at rest is a few microvolts and has to be told from none; bursts are cut at the group's edge. */
const muscle = (name: string, group: number, halfRange: number, labels: readonly string[]): PsgRow => ({
  name,
  group,
  height: ROW,
  labels,
  band: { low: 10, high: 100 },
  scale: { kind: "physical", low: -halfRange, high: halfRange, unit: "uV" },
});

/**
 * Breathing and sound have no common unit between devices (volts, henries, cmH2O, numbers): drawn by the recording's own
 * 1 % and 99 % quantiles, over two thirds of the row, so that a deep breath still fits in.
 */
const breathing = (
  name: string,
  group: number,
  labels: readonly string[],
  band?: PsgRow["band"],
  height = ROW,
): PsgRow => ({
  name,
  group,
  height,
  labels,
  ...(band === undefined ? {} : { band }),
  scale: { kind: "recording", quantiles: [0.01, 0.99], share: 2 / 3 },
});

const OXIMETER = ["SpO2", "SaO2", "saturation", "oxygen saturation", "SpO2 B-B", "pulse oximetry"];
const saturation = (low: number, group: number): PsgRow => ({
  name: `SpO2 ${low}-100`,
  group,
  height: 2 * ROW,
  labels: OXIMETER,
  scale: { kind: "physical", low, high: 100, unit: "%" },
});

/**
 * The challenge's layout (https://github.com/AI-Challange/Sleep, table of signals). The page is 1920 wide: the image's
 * 480 over 270 times its 1080 rows. Bands are those the AASM manual recommends for display.
 */
export const MAIC_LAYOUT: PsgLayout = {
  width: 1920,
  height: 1080,
  reduction: 4,
  epochSeconds: 30,
  lineWidth: 2,
  rows: [
    position("X"),
    position("Y"),
    position("Z"),
    eeg("C3", "M2"),
    eeg("C4", "M1"),
    eeg("O1", "M2"),
    eeg("O2", "M1"),
    eog("E1", "M2", ["EOG left", "left EOG", "EOG L", "LOC"]),
    eog("E2", "M1", ["EOG right", "right EOG", "EOG R", "ROC"]),
    muscle("chin EMG", 4, 25, ["chin EMG", "EMG chin", "chin", "EMG submental", "chin1-chin2", "EMG", "1-2"]),
    {
      name: "ECG",
      group: 5,
      height: ROW,
      labels: ["ECG", "EKG", "ECG I", "ECG II", "ECG1-ECG2"],
      band: { low: 0.3, high: 70 },
      scale: { kind: "physical", low: -1000, high: 1000, unit: "uV" },
    },
    breathing(
      "flow",
      6,
      ["nasal pressure", "flow", "pressure", "flow pressure", "cannula", "airflow"],
      { high: 100 },
      3 * ROW,
    ),
    breathing("thermistor", 7, ["thermistor", "thermocouple", "oronasal", "Resp oro-nasal", "therm"], {
      low: 0.1,
      high: 15,
    }),
    breathing("thorax", 8, ["thorax", "chest", "thor res", "Resp thorax", "Resp chest", "effort THO", "thoracic"], {
      low: 0.1,
      high: 15,
    }),
    breathing(
      "abdomen",
      9,
      ["abdomen", "abdominal", "abdo res", "Resp abdomen", "Resp abdominal", "effort ABD", "abdo"],
      { low: 0.1, high: 15 },
    ),
    breathing("snore", 10, ["snore", "snoring", "snore sensor"], { low: 10, high: 100 }),
    breathing("audio volume", 11, ["audio volume", "audio volume dB", "volume audio", "sound level", "microphone"]),
    muscle("left leg EMG", 12, 50, [
      "left leg",
      "leg left",
      "leg L",
      "LAT",
      "tib L",
      "EMG LAT",
      "left leg EMG",
      "PLM l",
    ]),
    muscle("right leg EMG", 12, 50, [
      "right leg",
      "leg right",
      "leg R",
      "RAT",
      "tib R",
      "EMG RAT",
      "right leg EMG",
      "PLM r",
    ]),
    saturation(85, 13),
    saturation(40, 14),
  ],
};

/** A row's place on the page: its own edges, and its group's, which cut the trace. Pixels, the lower edge excluded. */
export interface PsgBand {
  top: number;
  bottom: number;
  groupTop: number;
  groupBottom: number;
}

/**
 * Where each row lies.
 * @throws SignalbookError for rows higher than the page, a group whose rows are not neighbours, and a page that does not
 * divide into the image's pixels.
 */
export function psgBands({ rows, width, height, reduction }: PsgLayout): PsgBand[] {
  const bands: PsgBand[] = [];
  let top = 0;
  for (const row of rows) {
    bands.push({ top, bottom: top + row.height, groupTop: top, groupBottom: top + row.height });
    top += row.height;
  }
  // The painter counts an image pixel's white squares in a byte.
  if (!Number.isInteger(reduction) || reduction < 1 || reduction > 15)
    throw new SignalbookError("a reduction out of range", { found: String(reduction), expected: "1 to 15" });
  if (top > height || width % reduction !== 0 || height % reduction !== 0)
    throw new SignalbookError("a layout that does not fit its page", {
      found: `rows of ${top} px together on ${width} x ${height}, reduced by ${reduction}`,
      expected: `rows of ${height} px at most, and a page divisible by ${reduction}`,
    });
  rows.forEach(({ group, name }, i) => {
    const members = [...rows.keys()].filter((k) => rows[k]!.group === group);
    if (members.at(-1)! - members[0]! + 1 !== members.length)
      throw new SignalbookError("a group of rows with another between them", {
        place: `row ${name}`,
        found: members.map((k) => rows[k]!.name).join(", "),
        expected: "rows next to each other",
      });
    bands[i]!.groupTop = bands[members[0]!]!.top;
    bands[i]!.groupBottom = bands[members.at(-1)!]!.bottom;
  });
  return bands;
}
