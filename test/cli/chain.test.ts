/** A system's whole chain by command line: from files in the competition's layout to a checked submission. */
import assert from "node:assert/strict";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { commands } from "../../lib/cli/commands";
import { main } from "../../lib/cli/main";
import { hashFile } from "../../lib/core/hash";
import { takeLock } from "../../lib/core/lock-file";
import { readPredictions } from "../../lib/ensembling";
import { readHefeiLabels, readHefeiList } from "../../lib/formats";
import { hefeiFolder, PIPELINES, writeHefeiSampleFolder } from "../../lib/systems";
import { readMetricsFile } from "../../lib/training";

const root = mkdtempSync(join(tmpdir(), "chain-"));
const data = join(root, "data");
const out = join(root, "run");

before(() => writeHefeiSampleFolder(data, { records: 36 }));
after(() => rmSync(root, { recursive: true }));

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs the command line in this process. @param onText is told of every piece of output as it comes */
async function signalbook(args: readonly string[], onText: (text: string) => void = () => {}): Promise<Ended> {
  const ended = { out: "", err: "" };
  const streams = [
    ["out", process.stdout],
    ["err", process.stderr],
  ] as const;
  const writes = streams.map(([, stream]) => stream.write);
  streams.forEach(([name, stream], i) => {
    stream.write = ((...given: Parameters<typeof stream.write>) => {
      const [text] = given;
      if (typeof text !== "string") return writes[i]!.apply(stream, given); // the test runner's own
      ended[name] += text;
      onText(text);
      return true;
    }) as typeof stream.write;
  });
  try {
    return { code: await main(args), ...ended };
  } finally {
    streams.forEach(([, stream], i) => {
      stream.write = writes[i]!;
    });
  }
}

const stage = (name: string, ...more: string[]): string[] => [
  name,
  ...["--system", "hefei", "--data", data, "--out", out],
  ...more,
];
const record = (name: string): Record<string, never> => JSON.parse(readFileSync(join(out, name), "utf8"));

test("help names every system", () => {
  const { help } = commands.find(({ name }) => name === "train")!.options["system"]!;
  const named = PIPELINES.map(({ name }) => name);
  assert.equal(help, `${named.slice(0, -1).join(", ")} or ${named.at(-1)}`);
});

test("wrong options, and a stage before its time: what to run is said", async () => {
  const cases: [args: string[], code: number, said: RegExp][] = [
    [["train", "--data", data, "--out", out], 2, /train needs --system/],
    [
      ["train", "--system", "hefei", "--out", out],
      2,
      /train needs --data, a folder with records\/<id>\.txt, hf_round2/,
    ],
    [["train", "--system", "kepler", "--data", data, "--out", out], 2, /does not run; found kepler; expected hefei/],
    [stage("train", "--preset", "large"), 2, /--preset takes sample or published; found "large"/],
    [stage("train", "--fold", "x"), 2, /--fold takes a whole number/],
    [stage("train", "--fold", "7"), 2, /--fold takes 0, 1 with this preset; found "7"/],
    [stage("train", "--member", "huge"), 2, /--member takes small/],
    [stage("train", "--precision", "float64"), 2, /--precision takes float32, bfloat16 or float16; found "float64"/],
    [stage("train", "--workers", "many"), 2, /--workers takes a whole number below 257; found "many"/],
    [stage("train", "--workers", "2"), 2, /--workers: hefei makes its examples in the thread that uses them/],
    [stage("train", "--folds", "leaky"), 2, /--folds takes own or published; found "leaky"/],
    [stage("train", "--folds", "published"), 2, /hefei has no published split that differs from its own/],
    [stage("ensemble", "--folds", "published"), 2, /Unknown option '--folds'/],
    [stage("predict"), 1, /nothing is trained here; run first: signalbook train --system hefei --data \S+ --out \S+\n/],
    [stage("submit"), 1, /run first: signalbook train/],
    [["train", "--system", "hefei", "--data", join(root, "none"), "--out", out], 1, /none\/hf_round2_arrythmia\.txt/],
  ];
  for (const [args, code, said] of cases) {
    const ended = await signalbook(args);
    assert.deepEqual([ended.code, ended.out], [code, ""], args.join(" "));
    assert.match(ended.err, said);
  }
  assert.ok(!existsSync(out), "nothing was written");
});

test("an interrupted training says how to go on, and goes on to the weights it would have had", async () => {
  let told = false;
  const interrupted = await signalbook(stage("train", "--fold", "0"), (text) => {
    if (!told && text.includes("epoch 1 of 12")) {
      told = true;
      process.emit("SIGINT");
    }
  });
  assert.equal(interrupted.code, 130);
  assert.match(interrupted.out, /interrupted after 1 steps; go on with: signalbook train .* --fold 0 --resume\n/);
  assert.equal(record("train/small_seed0_fold0/train.json").state, "running");

  const lock = join(out, "train", "small_seed0_fold0", "running.lock");
  assert.ok(!existsSync(lock));
  const giveBack = takeLock(lock, "a training");
  const twice = await signalbook(stage("train", "--resume", "--fold", "0"));
  assert.equal(twice.code, 1);
  assert.match(twice.err, /running\.lock: a training that another process is at; found process \d+ on /);
  giveBack();
  const again = await signalbook(stage("train", "--fold", "0"));
  assert.equal(again.code, 1);
  assert.match(again.err, /a training that was interrupted; go on with: signalbook train .* --resume\n/);
  const early = await signalbook(stage("evaluate"));
  assert.match(
    early.err,
    /no training is finished here; found small_seed0_fold0, interrupted; run first: .* --resume\n/,
  );

  const resumed = await signalbook(stage("train", "--resume", "--fold", "0"));
  assert.deepEqual([resumed.code, resumed.err], [0, ""]);
  assert.match(resumed.out, /small_seed0_fold0: goes on from its checkpoint\n/);

  const whole = join(root, "whole");
  assert.equal(
    (await signalbook(["train", "--system", "hefei", "--data", data, "--out", whole, "--fold", "0"])).code,
    0,
  );
  const weights = "train/small_seed0_fold0/weights.safetensors";
  assert.equal(hashFile(join(out, weights)), hashFile(join(whole, weights)));
  assert.equal(hashFile(join(out, "split.json")), hashFile(join(whole, "split.json")));
});

test("from the trained folds to a submission that the format's reader accepts; what is done is left alone", async () => {
  const second = await signalbook(stage("train"));
  assert.match(second.out, /small_seed0_fold0: done before, nothing to do\n[\s\S]*small_seed0_fold1: begins\n/);
  const early = await signalbook(stage("ensemble"));
  assert.match(early.err, /small_seed0_fold0 lacks the stage "evaluate"; run first: signalbook evaluate /);
  for (const name of ["evaluate", "predict", "ensemble", "submit"]) {
    const ended = await signalbook(stage(name));
    assert.deepEqual([ended.code, ended.err], [0, ""], ended.out);
  }

  const files = hefeiFolder(data);
  const labels = readHefeiLabels(files.labels);
  const asked = readHefeiList(files.toLabel);
  const given = readHefeiList(join(out, "submit", "submission.txt"), labels);
  assert.deepEqual(
    given.map(({ columns }) => columns),
    asked.map(({ columns }) => columns),
  );
  const blend = readPredictions(join(out, "ensemble", "predictions.csv"));
  given.forEach((entry, row) => {
    const above = blend.classes.filter((_, k) => blend.values[row * blend.classes.length + k]! > 0.5);
    assert.deepEqual(
      entry.labels,
      labels.filter((label) => above.includes(label)),
    );
  });
  const parts = [0, 1].map((fold) => readPredictions(join(out, `predict/small_seed0_fold${fold}/predictions.csv`)));
  const { members } = record("ensemble/ensemble.json")["results"] as {
    members: { weight: number; scores: { f1: number } }[];
  };
  const total = members.reduce((sum, member) => sum + member.scores.f1, 0);
  for (const { weight, scores } of members) assert.ok(Math.abs(weight - scores.f1 / total) < 1e-12);
  blend.values.forEach((value, i) => {
    const mean = members.reduce((sum, { weight }, m) => sum + weight * parts[m]!.values[i]!, 0);
    assert.ok(Math.abs(value - mean) < 1e-12);
  });
  // Every labelled record was held back once, from a network that did not learn from it.
  const held = [0, 1].flatMap(
    (fold) => readPredictions(join(out, `evaluate/small_seed0_fold${fold}/predictions.csv`)).ids,
  );
  assert.deepEqual(
    [...held].sort(),
    readHefeiList(files.list)
      .map(({ file }) => file.replace(".txt", ""))
      .sort(),
  );

  const hash = hashFile(join(out, "submit", "submit.json"));
  for (const name of ["train", "evaluate", "predict", "ensemble", "submit"]) {
    const ended = await signalbook(stage(name));
    assert.equal(ended.code, 0);
    for (const line of ended.out.trim().split("\n")) assert.match(line, /done before, nothing to do/);
  }
  assert.equal(hashFile(join(out, "submit", "submit.json")), hash);
});

test("every output says what made it", () => {
  const run = { member: "small", seed: 0, fold: 1 };
  const trained = record("train/small_seed0_fold1/train.json") as Record<string, never>;
  assert.deepEqual([trained["stage"], trained["state"], trained["run"]], ["train", "done", run]);
  assert.match(trained["command"], /^signalbook train --system hefei --data \S+ --out \S+ --preset sample$/);
  assert.match((trained["data"] as { sha256: string }).sha256, /^[0-9a-f]{64}$/);
  const { precision, engine } = trained["results"] as { precision: { asked: string; backend: string }; engine: object };
  assert.equal(precision.asked, "float32");
  assert.ok(["tensorflow", "cpu"].includes(precision.backend) && Object.keys(engine).length === 3);
  const { versions } = trained["code"] as { versions: Record<string, string> };
  assert.equal(versions["Node"], process.versions.node);
  assert.equal((trained["split"] as { sha256: string }).sha256, hashFile(join(out, "split.json")));
  const evaluated = record("evaluate/small_seed0_fold1/evaluate.json") as Record<string, never>;
  const weights = "train/small_seed0_fold1/weights.safetensors";
  assert.equal((evaluated["inputs"] as Record<string, string>)[weights], hashFile(join(out, weights)));
  const lines = readMetricsFile(join(out, "train", "small_seed0_fold1", "metrics.jsonl"));
  assert.equal(lines.filter(({ kind }) => kind === "epoch").length, 12);
});

test("other data are refused, in every stage that would mix them", async () => {
  const other = join(root, "other");
  cpSync(data, other, { recursive: true });
  const on = (name: string, ...more: string[]): string[] => [
    name,
    "--system",
    "hefei",
    "--data",
    other,
    "--out",
    out,
    ...more,
  ];
  const [first] = readHefeiList(hefeiFolder(data).list);
  const record = join(other, "records", first!.file);
  const text = readFileSync(record, "utf8");
  writeFileSync(
    record,
    text.replace(/^(-?\d+)/m, (value) => String(Number(value) + 1)),
  );
  for (const args of [on("train", "--seed", "1"), on("evaluate")]) {
    const ended = await signalbook(args);
    assert.equal(ended.code, 1);
    assert.match(
      ended.err,
      /other labelled data than this run's; found 38 files, SHA-256 .*; expected 38 files, .*; give the same data, or another --out\n/,
    );
  }
  assert.equal((await signalbook(on("predict"))).code, 0, "the records to label are the same");
  const { toLabel } = hefeiFolder(other);
  writeFileSync(toLabel, readFileSync(toLabel, "utf8").split("\n").slice(1).join("\n"));
  for (const name of ["predict", "ensemble", "submit"]) {
    const ended = await signalbook(on(name));
    assert.equal(ended.code, 1, name);
    assert.match(ended.err, /other data to label than this run's/);
  }
  const published = await signalbook(stage("train", "--preset", "published"));
  assert.match(
    published.err,
    /an out folder of another preset; found sample; expected published; give another --out\n/,
  );
});

test("a split that was changed after a training is refused: it would hold back what was trained on", async () => {
  const file = join(out, "split.json");
  const written = readFileSync(file, "utf8");
  writeFileSync(
    file,
    written.replace(/"fold": ?([01])/g, (_, fold) => `"fold":${1 - Number(fold)}`),
  );
  for (const args of [stage("evaluate"), stage("train", "--seed", "1", "--fold", "0")]) {
    const ended = await signalbook(args);
    assert.equal(ended.code, 1);
    assert.match(
      ended.err,
      /split\.json, train.small_seed0_fold0: another split than a training's; .*put the split's file back/,
    );
  }
  writeFileSync(file, written);
});

test("another seed joins the ensemble; a changed output is told", async () => {
  for (const args of [stage("train", "--seed", "1", "--fold", "0"), stage("evaluate"), stage("predict")])
    assert.equal((await signalbook(args)).code, 0);
  const blended = await signalbook(stage("ensemble"));
  assert.match(blended.out, /what it was made of has changed; made anew\n/);
  assert.equal(blended.out.match(/weight 0\.\d+/g)!.length, 3);
  const handed = await signalbook(stage("submit"));
  assert.match(handed.out, /what it was made of has changed; made anew\nsubmit: \S+, read back as meant: 24 records/);
  const alone = await signalbook(stage("ensemble", "--seed", "0"));
  assert.equal(alone.out.match(/weight 0\.\d+/g)!.length, 2);

  const file = join(out, "predict", "small_seed0_fold0", "predictions.csv");
  appendFileSync(file, "\n");
  const ended = await signalbook(stage("predict"));
  assert.equal(ended.code, 1);
  assert.match(
    ended.err,
    /predictions\.csv: an output that is not what its stage wrote; .* and run: signalbook predict /,
  );
});
