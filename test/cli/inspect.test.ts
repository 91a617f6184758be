import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { test } from "node:test";
import { summarize, summaryText } from "../../lib/cli/inspect";
import { main } from "../../lib/cli/main";
import { projectRoot } from "../../lib/core/files";
import { encodePickledArray, encodeSafetensors } from "../../lib/formats";
import { readWfdbRecord } from "../../lib/formats/wfdb";
import { goldenFolder } from "../support/golden";
import { rejectsProblem, scratchFile, scratchFolder } from "../support/problems";

const sample = (...path: string[]): string => join(projectRoot, "data", "sample", ...path);
const golden = (name: string): string => join(goldenFolder, "formats", name);
const fixture = (...path: string[]): string => join(projectRoot, "test", "fixtures", ...path);

test("a WFDB record: leads, rate and the figures of its samples", async () => {
  const path = sample("cinc2021", "A0002.hea");
  const { signals, format, duration } = await summarize(path);
  const recording = readWfdbRecord(path);
  assert.equal(format, "WFDB");
  assert.deepEqual(
    signals.map(({ label, samples }) => [label, samples]),
    recording.signals.map(({ label, samples }) => [label, samples.length]),
  );
  const [lead] = recording.signals;
  assert.equal(duration, lead!.samples.length / lead!.sampleRate);
  const values = [...lead!.samples];
  assert.equal(signals[0]!.minimum, Math.min(...values));
  assert.equal(signals[0]!.maximum, Math.max(...values));
  assert.ok(Math.abs(signals[0]!.mean! - values.reduce((a, b) => a + b) / values.length) < 1e-9);
  // The data file beside the header says the same.
  assert.deepEqual((await summarize(sample("cinc2021", "A0002.mat"))).signals, signals);
  const beats = await summarize(sample("mit-bih", "100.atr"));
  assert.equal(beats.format, "WFDB annotations");
  assert.ok(beats.annotations["N"]! > 1000);
});

test("EDF: recordings, gaps, doubled labels, a hypnogram", async () => {
  const night = await summarize(sample("psg", "subject1.edf"));
  assert.equal(night.format, "EDF+C");
  assert.equal(night.duration, 120);
  for (const { samples, sampleRate } of night.signals) assert.equal(samples, sampleRate * 120);
  assert.match(summaryText(night), /EDF\+C, start 2018-02-06 01:36:50, 2 min 0 s\n/);

  const { gaps, duration, signals } = await summarize(golden("gaps.edf"));
  assert.ok(gaps.length > 0);
  const { samples, sampleRate } = signals[0]!;
  const silent = gaps.reduce((sum, gap) => sum + gap.duration, 0);
  assert.ok(Math.abs(silent + samples / sampleRate - duration!) < 1e-6, "gaps and samples make the duration");

  const doubled = await summarize(fixture("edf", "duplicate_channel_labels.edf"));
  assert.match(doubled.warnings.join(), /2 signals are labelled/);

  const scored = await summarize(sample("sleep-edf", "SC4001EC-Hypnogram.edf"));
  assert.equal(scored.duration, 24 * 3600);
  assert.equal(scored.hypnogram!.epochs, (24 * 3600) / 30);
  const counted = Object.values(scored.hypnogram!.stages).reduce((a, b) => a + b);
  assert.equal(counted, scored.hypnogram!.epochs);
  assert.match(summaryText(scored), /hypnogram: 2880 epochs of 30 s: /);
});

test("a truncated EDF file is told, with what was lost", async (t) => {
  const bytes = readFileSync(golden("plain.edf"));
  const whole = await summarize(golden("plain.edf"));
  const cut = await summarize(scratchFile(t, "cut.edf", bytes.subarray(0, bytes.length - 10)));
  assert.ok(cut.duration! < whole.duration! && cut.warnings.length > 0);
  assert.match(cut.warnings[0]!, /^byte \d+: /);
  assert.match(summaryText(cut), /\n {2}! byte /);
  assert.deepEqual(whole.warnings, []);
});

test("a record of the Hefei layout that is short says so", async () => {
  const short = await summarize(golden("101.txt"));
  assert.deepEqual([short.format, short.duration], ["Hefei text", 640 / 500]);
  assert.match(short.warnings.join(), /640 rows/);
  assert.deepEqual((await summarize(golden("100.txt"))).warnings, []);
});

test("hypnograms as JSON, text and CSV", async (t) => {
  const json = scratchFile(t, "a.json", "[0, 1, 2, 2, -1]");
  assert.deepEqual((await summarize(json)).hypnogram, {
    epochs: 5,
    epochSeconds: 30,
    stages: { W: 1, N1: 1, N2: 2, "?": 1 },
  });
  const names = await summarize(scratchFile(t, "a.txt", "W\nN1\nREM\n"));
  assert.deepEqual(names.hypnogram!.stages, { W: 1, N1: 1, REM: 1 });
  assert.deepEqual(names.warnings, []);
  const numbers = await summarize(sample("yasa", "data_full_6hrs_100Hz_hypno_30s.txt"));
  assert.equal(numbers.hypnogram!.epochs, 720);
  assert.match(numbers.warnings.join(), /taken for 0 W, 1 N1/);
  const csv = await summarize(scratchFile(t, "a.csv", "onset,duration,stage\n0,60,W\n60,30,N2\n"));
  assert.deepEqual(csv.hypnogram!.stages, { W: 2, N2: 1 });
});

test("Parquet: EEGs and spectrograms of HMS, other tables", async () => {
  const eeg = await summarize(golden("eeg_gzip.parquet"));
  assert.equal(eeg.format, "Parquet, an EEG of HMS");
  assert.deepEqual([eeg.signals.length, eeg.duration, eeg.rows], [20, 3.5, 700]);
  assert.deepEqual([eeg.facts["row groups"], eeg.facts["compression"]], [3, "GZIP"]);
  const spectrogram = await summarize(golden("spec_420.parquet"));
  assert.equal(spectrogram.format, "Parquet, a spectrogram of HMS");
  assert.deepEqual([spectrogram.rows, spectrogram.duration], [420, 838]);
  const power = spectrogram.columns[1]!;
  assert.deepEqual([power.minimum, power.maximum, power.missing], [0, 49, 0]);
  const mixed = await summarize(golden("mixed_snappy.parquet"));
  const column = (name: string): (typeof mixed.columns)[number] => mixed.columns.find((each) => each.name === name)!;
  assert.deepEqual(
    mixed.columns.map(({ name, type }) => [name, type]),
    [
      ["eeg_id", "int64"],
      ["expert_consensus", "text"],
      ["offset", "float64"],
      ["flag", "boolean"],
      ["vote", "int32"],
      ["note", "text"],
    ].map(([name, type]) => [name, name === "vote" ? column("vote").type : type]),
  );
  assert.deepEqual([column("offset").missing, column("offset").maximum], [12, 118]);
  assert.equal(
    Object.values(column("expert_consensus").values!).reduce((a, b) => a + b),
    60,
  );
  assert.equal(column("note").missing, 45);
});

test("arrays: .npy, .npz, pickles, BEETL, safetensors", async (t) => {
  const npy = await summarize(golden("plain_be_f8.npy"));
  assert.deepEqual([npy.format, npy.arrays[0]!.type, npy.arrays[0]!.shape], [".npy", "float64", [2, 20]]);
  const npz = await summarize(golden("plain.npz"));
  assert.deepEqual(
    npz.arrays.map(({ name, shape }) => [name, shape]),
    [
      ["X", [3, 2, 20]],
      ["y", [3]],
    ],
  );
  const header = await summarize(golden("beetl_header_p5_numpy2.npy"));
  assert.equal(header.format, "pickle");
  assert.deepEqual([header.facts["subject"], header.facts["channels"]], ["s0", "Fpz-Cz, Pz-Oz"]);
  const store = await summarize(golden("store_dict.npy"));
  assert.deepEqual(
    store.arrays.map(({ name, shape }) => [name, shape]),
    [
      ["1000", [4, 5, 3]],
      ["1007", [4, 5, 3]],
    ],
  );

  const folder = scratchFolder(t);
  const windows = Float64Array.from({ length: 18_000 }, (_, i) => (Math.floor(i / 3000) % 2 === 0 ? 1 : -1));
  writeFileSync(
    join(folder, "training_s0r1X.npy"),
    encodePickledArray({ dtype: "float64", shape: [3, 2, 3000], data: windows }),
  );
  copyFileSync(golden("beetl_y_p2_numpy1.npy"), join(folder, "training_s0r1y.npy"));
  const night = await summarize(join(folder, "training_s0r1X.npy"));
  assert.equal(night.format, "pickle, windows of BEETL");
  assert.deepEqual(
    night.signals.map(({ label, mean, samples }) => [label, mean, samples]),
    [
      ["Fpz-Cz", 1, 9000],
      ["Pz-Oz", -1, 9000],
    ],
  );
  const nights = await summarize(folder);
  assert.deepEqual([nights.format, nights.facts["windows"], nights.facts["S3"]], ["BEETL folder", 3, 1]);

  const tensors = new Map([["a", { dtype: "BF16" as const, shape: [2], data: Uint16Array.of(0x3f80, 0xc000) }]]);
  // Under any name.
  const weights = await summarize(scratchFile(t, "weights.bin", encodeSafetensors(tensors, { note: "x" })));
  assert.deepEqual([weights.format, weights.facts["note"]], ["safetensors", "x"]);
  assert.deepEqual(weights.arrays, [
    { name: "a", type: "BF16", shape: [2], missing: 0, minimum: -2, maximum: 1, mean: -0.5 },
  ]);
});

test("images and exams", async (t) => {
  const grey = await summarize(golden("grey.png"));
  assert.deepEqual([grey.format, grey.facts["size"]], ["PNG, an epoch in MAIC's size", "480 x 270"]);
  assert.match((await summarize(golden("grey16.png"))).warnings.join(), /16 bits/);
  const folder = join(scratchFolder(t), "A1");
  mkdirSync(folder);
  for (const number of [3, 4, 6]) copyFileSync(golden("grey.png"), join(folder, `A1_000${number}.png`));
  const exam = await summarize(folder);
  assert.deepEqual([exam.format, exam.duration, exam.facts["numbers"]], ["MAIC exam", 90, "3 to 6"]);
  assert.match(exam.warnings.join(), /missing between the first and the last: 1$/);
});

test("lists and tables", async (t) => {
  const maic = await summarize(golden("trainset-for_user.csv"));
  assert.deepEqual([maic.format, maic.rows, maic.facts["exams"], maic.facts["REM"]], ["MAIC list, labelled", 12, 1, 3]);
  assert.equal((await summarize(golden("testset-for_user.csv"))).format, "MAIC list, to be labelled");
  const hefei = await summarize(golden("hf_round2_train.txt"));
  assert.equal(hefei.format, "Hefei list of records");
  assert.ok(hefei.columns[0]!.missing > 0);
  assert.equal((await summarize(golden("hf_round2_arrythmia.txt"))).format, "list of names");
  const ptbxl = await summarize(sample("ptbxl", "ptbxl_database.csv"));
  assert.equal(ptbxl.format, "CSV table");
  assert.equal(ptbxl.columns.find(({ name }) => name === "age")!.type, "integers");
  const columns = await summarize(scratchFile(t, "a.txt", "# x y\n1.5 2\n-3 4e2\n"));
  assert.deepEqual([columns.arrays[0]!.shape, columns.arrays[0]!.maximum], [[2, 2], 400]);
  await rejectsProblem(summarize(scratchFile(t, "a.txt", "1.5 2\n3\n")), { place: "row 2", found: "1 numbers" });
  const votes = "seizure_vote,lpd_vote,gpd_vote,lrda_vote,grda_vote,other_vote";
  const offsets = "eeg_label_offset_seconds,spectrogram_sub_id,spectrogram_label_offset_seconds,expert_consensus";
  const table = `eeg_id,spectrogram_id,patient_id,eeg_sub_id,${offsets},${votes}\n1,2,3,0,0,0,0,GPD,0,1,9,0,0,0\n`;
  const hms = await summarize(scratchFile(t, "train.csv", table));
  assert.deepEqual([hms.format, hms.rows, hms.facts["gpd"]], ["HMS table, labelled", 1, 1]);
});

/** Every file that tests read, and one of each kind of the sample data. */
const everything = [
  ...readdirSync(join(goldenFolder, "formats")).map(golden),
  ...["edf", "wfdb"].flatMap((folder) => readdirSync(fixture(folder)).map((name) => fixture(folder, name))),
  ...["psg/subject1.edf", "sleep-edf/SC4052EC-Hypnogram.edf", "mit-bih/100.hea", "mit-bih/100.qrs"].map((p) =>
    sample(p),
  ),
  ...["ptbxl/records100/00000/00001_lr.dat", "ptbxl/scp_statements.csv", "hefei-layout/records/1.txt"].map((p) =>
    sample(p),
  ),
  ...["hefei-layout/label_given.txt", "hefei-layout/arrythmia.txt", "yasa/sub-02_hypno_30s.txt"].map((p) => sample(p)),
  ...["yasa/data_N2_spindles_15sec_200Hz.txt", "cinc2021/Q0001.mat"].map((p) => sample(p)),
];
/** Not data: what the peers read from the files, and what is said about them. */
const about = /\.(?:json|bin|md)$|LICENSE|^\./;
/** Which formats a file's name promises; where names say nothing, the content alone decides. */
const promised: Readonly<Record<string, RegExp>> = {
  ".edf": /^EDF/,
  ".bdf": /^BDF/,
  ".parquet": /^Parquet/,
  ".npy": /^(?:\.npy|pickle)/,
  ".npz": /^\.npz/,
  ".png": /^PNG/,
  ".hea": /^WFDB$/,
  ".dat": /^WFDB$/,
  ".mat": /^WFDB$/,
};

test("every fixture is told: by its format, with something in it", async () => {
  const told: string[] = [];
  for (const path of everything.filter((name) => !about.test(basename(name)))) {
    // Annotations without a record beside them: nothing says at what rate they count.
    if (/(?:notes|custom)\.ann$/.test(path)) continue;
    const summary = await summarize(path);
    const { signals, arrays, columns, rows, annotations, facts } = summary;
    assert.match(summary.format, promised[extname(path)] ?? /./, path);
    const held = [signals, arrays, columns, Object.keys(annotations), Object.keys(facts)].some(
      (part) => part.length > 0,
    );
    assert.ok(held || summary.hypnogram !== null || rows !== null, `${path}: nothing in it`);
    // A layout only lists the signals of a record of segments.
    const least = path.endsWith("_layout.hea") ? 0 : 1;
    for (const { samples, label, missing } of signals)
      assert.ok(samples >= least && missing <= samples, `${path} ${label}`);
    assert.ok(summaryText(summary).startsWith(`${path}\n  ${summary.format}`), path);
    assert.doesNotMatch(summaryText(summary), /undefined|NaN|\[object/, path);
    // What JSON cannot hold would be lost.
    assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary, path);
    told.push(summary.format);
  }
  assert.ok(new Set(told).size >= 15, [...new Set(told)].join(", "));
});

test("what is not known, missing or wrong: one line each", async (t) => {
  await rejectsProblem(summarize("none.edf"), { file: "none.edf", found: "nothing there" });
  await rejectsProblem(summarize(scratchFile(t, "x.docx", Buffer.from([1, 2, 3, 0]))), {
    what: /no known format/,
    found: "bytes 01020300",
    expected: /EDF, EDF\+ and BDF/,
  });
  await rejectsProblem(summarize(scratchFile(t, "x", "")), { found: "an empty file" });
  const prose = "A sentence, with a comma.\n\nAnother one.\n";
  await rejectsProblem(summarize(scratchFile(t, "a.md", prose)), { found: 'text: "A sentence, with a comma."' });
  await rejectsProblem(summarize(scratchFolder(t)), { what: /no known layout/ });
  await rejectsProblem(summarize(scratchFile(t, "a.dat", "")), {
    what: /signal file without its header/,
    expected: "a.hea beside it",
  });
  await rejectsProblem(summarize(scratchFile(t, "a.parquet", "a,b\n1,2\n")), { fix: /CSV table/ });
  await rejectsProblem(summarize(scratchFile(t, "a.json", "{}")), { what: /not a list of stages/ });
  await rejectsProblem(summarize(fixture("wfdb", "notes.ann")), { expected: "notes.hea beside it" });
});

test("the command goes on after a wrong file, and its exit code tells", async (t) => {
  const lines: string[] = [];
  const collect = (text: string | Uint8Array): boolean => lines.push(String(text)) > 0;
  t.mock.method(process.stderr, "write", collect);
  const bad = scratchFile(t, "bad.npy", "\x80\x04cos\nsystem\n.");
  const out: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  t.mock.method(process.stdout, "write", (...args: Parameters<typeof write>): boolean => {
    out.push(String(args[0]));
    return true;
  });
  const code = await main(["inspect", "--json", bad, golden("plain.npz")]);
  t.mock.restoreAll();
  assert.equal(code, 1);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^signalbook: .*bad\.npy, byte \d+: .*os\.system|^signalbook: [^\n]*\n$/);
  assert.equal(lines[0]!.split("\n").length, 2);
  const told = JSON.parse(out.join("")) as { file: string; error?: string; format?: string }[];
  assert.deepEqual(
    told.map(({ format }) => format),
    [undefined, ".npz"],
  );
  assert.match(told[0]!.error!, /bad\.npy/);
});
