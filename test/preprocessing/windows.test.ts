import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Annotation, Hypnogram, Recording, RkStage, SleepStage } from "../../lib/formats";
import {
  annotatedWindows,
  cutWindow,
  DROP_REASONS,
  epochSequences,
  isAsleep,
  selectSleepEpochs,
  trimWake,
  windowStarts,
} from "../../lib/preprocessing";
import { throwsProblem } from "../support/problems";

const runs = { seed: 20_210_201, numRuns: 300 };
const stage = fc.constantFrom<SleepStage>("W", "N1", "N2", "N3", "REM", "?", "M");

const recording = (rates: readonly number[], seconds: number, annotations: Annotation[] = []): Recording => ({
  id: "r",
  source: "r.edf",
  start: new Date(Date.UTC(2020, 0, 1, 22)),
  signals: rates.map((sampleRate, i) => ({
    label: `s${i}`,
    unit: "uV",
    sampleRate,
    samples: Float64Array.from({ length: sampleRate * seconds }, (_, k) => k),
  })),
  annotations,
  comments: [],
});

const night = (stages: SleepStage[], epochSeconds = 30): Hypnogram => ({
  source: "h.edf",
  start: new Date(Date.UTC(2020, 0, 1, 22)),
  epochSeconds,
  stages,
});

test("windows without overlap cover every sample once, and leave less than a window over", () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.integer({ min: 1, max: 300 }), (length, size) => {
      const covered = new Uint8Array(length);
      for (const start of windowStarts(length, size)) for (let i = 0; i < size; i++) covered[start + i]!++;
      const end = length - (length % size);
      assert.ok(covered.subarray(0, end).every((times) => times === 1));
      assert.ok(covered.subarray(end).every((times) => times === 0));
    }),
    runs,
  );
});

test("windows with a hop are whole, in order, a hop apart, and as many as fit", () => {
  fc.assert(
    fc.property(
      fc.nat(2000),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 300 }),
      (length, size, hop) => {
        const starts = windowStarts(length, size, hop);
        starts.forEach((start, i) => {
          assert.equal(start, i * hop);
          assert.ok(start + size <= length);
        });
        assert.ok(starts.length * hop + size > length);
      },
    ),
    runs,
  );
});

test("a recording cut into windows of seconds is the recording, signal by signal", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 7 }),
      (rates, seconds, size) => {
        const whole = recording(rates, seconds);
        const windows = windowStarts(seconds, size).map((from) => cutWindow(whole, from, size));
        whole.signals.forEach(({ samples, sampleRate }, s) => {
          const joined = windows.flatMap(({ signals }) => [...signals[s]!.samples]);
          assert.deepEqual(joined, [...samples.subarray(0, sampleRate * (seconds - (seconds % size)))]);
        });
      },
    ),
    { ...runs, numRuns: 100 },
  );
});

test("every epoch of a hypnogram is selected or counted as dropped, and what is selected is its own part of the night", () => {
  fc.assert(
    fc.property(
      fc.array(stage, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: -10, max: 10 }),
      fc.array(fc.nat(1199), { maxLength: 4 }),
      fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      (stages, offset, gaps, wakeMinutes) => {
        const psg = recording([2, 1], 600);
        for (const at of gaps) psg.signals[0]!.samples[at] = Number.NaN;
        fc.pre(wakeMinutes === undefined || stages.some(isAsleep));
        // A hypnogram wholly outside the recording is refused (sleep.test.ts).
        fc.pre(stages.some((_, i) => offset + i >= 0 && offset + i < 20));
        const { epochs, dropped } = selectSleepEpochs(psg, night(stages), { offset: 30 * offset, wakeMinutes });
        assert.equal(epochs.length + DROP_REASONS.reduce((sum, reason) => sum + dropped[reason], 0), stages.length);
        for (const epoch of epochs) {
          assert.equal(epoch.stage, stages[epoch.index]);
          assert.ok(epoch.stage !== "?" && epoch.stage !== "M");
          const [fast, slow] = epoch.recording.signals;
          assert.equal(slow!.samples[0], 30 * (offset + epoch.index));
          assert.deepEqual([fast!.samples.length, slow!.samples.length], [60, 30]);
          assert.ok(!fast!.samples.some(Number.isNaN));
        }
        assert.equal(dropped.outside, stages.filter((_, i) => offset + i < 0 || offset + i >= 20).length);
      },
    ),
    runs,
  );
});

test("reasons are counted one by one", () => {
  const stages: SleepStage[] = ["W", "W", "W", "N1", "?", "M", "N2", "N2", "W", "W", "W"];
  const psg = recording([1], 30 * 10);
  psg.signals[0]!.samples[7 * 30 + 4] = Number.NaN;
  const { epochs, dropped } = selectSleepEpochs(psg, night(stages), { wakeMinutes: 1 });
  assert.deepEqual(dropped, { outside: 1, trimmed: 1, movement: 1, unscored: 1, gap: 1 });
  assert.deepEqual(
    epochs.map(({ index }) => index),
    [1, 2, 3, 6, 8, 9],
  );
});

const wakeAfter = (stages: readonly SleepStage[]): number => [...stages].reverse().findIndex(isAsleep);

test("trimming keeps all sleep, at most the margin of wake around it, and the clock", () => {
  fc.assert(
    fc.property(
      fc.array(stage, { minLength: 1, maxLength: 60 }).filter((stages) => stages.some(isAsleep)),
      fc.integer({ min: 0, max: 5 }),
      (stages, minutes) => {
        const trimmed = trimWake(night(stages), minutes);
        const first = (trimmed.start!.getTime() - night([]).start!.getTime()) / 30_000;
        assert.deepEqual(trimmed.stages, stages.slice(first, first + trimmed.stages.length));
        assert.equal(trimmed.stages.filter(isAsleep).length, stages.filter(isAsleep).length);
        const before = trimmed.stages.findIndex(isAsleep);
        const after = wakeAfter(trimmed.stages);
        assert.equal(before, Math.min(2 * minutes, stages.findIndex(isAsleep)));
        assert.equal(after, Math.min(2 * minutes, wakeAfter(stages)));
      },
    ),
    runs,
  );
  const rk = { ...night(["W", "W", "N3", "N3", "W"]), rkStages: ["W", "W", "S3", "S4", "W"] as RkStage[] };
  assert.deepEqual(trimWake(rk, 0).rkStages, ["S3", "S4"], "both lists of stages are cut");
  throwsProblem(() => trimWake(night(["W", "?"])), { file: "h.edf", what: /night without sleep/ });
  throwsProblem(() => trimWake(night(["N1"]), -1), { what: /margin/ });
});

test("sequences stay in their recording, bridge nothing, and miss no place where one fits", () => {
  const key = fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(25)).map(([recording, index]) => ({ recording, index }));
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { selector: ({ recording, index }) => `${recording}${index}`, maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      (unsorted, length, apart) => {
        const epochs = unsorted.sort((x, y) => x.recording.localeCompare(y.recording) || x.index - y.index);
        const sequences = epochSequences(epochs, length, apart ? length : 1);
        for (const sequence of sequences) {
          assert.equal(sequence.length, length);
          const [first] = sequence.map((position) => epochs[position]!);
          sequence.forEach((position, i) => {
            assert.deepEqual(epochs[position], { recording: first!.recording, index: first!.index + i });
          });
        }
        if (apart) assert.equal(new Set(sequences.flat()).size, sequences.length * length);
        else {
          const there = new Set(epochs.map(({ recording, index }) => `${recording}${index}`));
          const fitting = epochs.filter(({ recording, index }) =>
            Array.from({ length }, (_, i) => `${recording}${index + i}`).every((name) => there.has(name)),
          );
          assert.deepEqual(
            sequences.map(([position]) => epochs[position!]),
            fitting,
          );
        }
      },
    ),
    runs,
  );
  const twice = [0, 1, 1].map((index) => ({ recording: "a", index }));
  throwsProblem(() => epochSequences(twice, 2), { place: "recording a", found: "epoch 1" });
  throwsProblem(() => epochSequences([], 0), { what: /length out of range/ });
  throwsProblem(() => epochSequences([], 2, 0.5), { what: /hop out of range/ });
});

test("windows at annotations begin at the nearest common sample, and those that do not fit are counted", () => {
  const annotations = [0.4, 3.2, 5.26, 9.5].map((onset) => ({ onset, duration: null, text: "spindle" }));
  const psg = recording([10, 4], 10, [...annotations, { onset: 6, duration: null, text: "arousal" }]);
  psg.signals[1]!.samples[6 * 4] = Number.NaN;
  // 10 and 4 samples a second meet every half second.
  const { windows, dropped } = annotatedWindows(psg, ({ text }) => text === "spindle", { from: -0.5, duration: 1.5 });
  assert.deepEqual(
    windows.map(({ annotation, recording: { signals } }) => [annotation.onset, signals[0]!.samples[0]]),
    [
      [0.4, 0],
      [3.2, 25],
    ],
  );
  assert.ok(Math.abs(windows[1]!.shift - (2.5 - 2.7)) < 1e-12);
  assert.deepEqual(dropped, { outside: 1, gap: 1 });
  const odd = recording([1], 10);
  odd.signals[0]!.sampleRate = 12.8;
  throwsProblem(() => annotatedWindows(odd, () => true, { duration: 1 }), { found: "12.8 Hz of s0", fix: /step/ });
});
