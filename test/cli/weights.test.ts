/** `signalbook weights`: files inspected, fitted to a model and exported; its mistakes told in one line. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { main } from "../../lib/cli/main";
import { inspectWeights, type WeightsSummary } from "../../lib/cli/weights-inspect";
import { type SafeTensor, writeSafetensors } from "../../lib/formats";
import type { Model } from "../../lib/models";
import { loadPretrained, weightsFromSafetensors } from "../../lib/training";
import { type Checkpoint, newRunState, writeCheckpoint } from "../../lib/training/checkpoint";
import { takeModel } from "../../lib/training/checkpoint-weights";
import { checkEval, readGoldenModel } from "../models/golden-model";
import { goldenWeights, halves, safe, unfilled } from "../models/weight-files";
import { scratchFolder } from "../support/problems";

const vit = "vit_tiny_patch16_224";
const golden = readGoldenModel("vit_tiny_patch16_64_c5");
const asTrained = ["--model", vit, "--classes", "5", "--height", "64", "--width", "64"];

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** The command line, with what it prints kept. */
async function weights(t: TestContext, ...args: string[]): Promise<Ended> {
  const said = { out: "", err: "" };
  const keep = (stream: NodeJS.WriteStream, key: keyof typeof said): { mock: { restore(): void } } =>
    t.mock.method(stream, "write", (text: string) => {
      said[key] += text;
      return true;
    });
  const kept = [keep(process.stdout, "out"), keep(process.stderr, "err")];
  try {
    return { code: await main(["weights", ...args]), ...said };
  } finally {
    for (const { mock } of kept) mock.restore();
  }
}

function goldenFile(t: TestContext): { folder: string; file: string } {
  const folder = scratchFolder(t);
  const file = join(folder, "timm.safetensors");
  writeSafetensors(file, safe(goldenWeights(golden)));
  return { folder, file };
}

test("inspect: tensors, values and the models that fit, in words and JSON", async (t) => {
  const { file } = goldenFile(t);
  const { code, out } = await weights(t, "inspect", file);
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^${file}: 152 tensors, ${golden.params_total.toLocaleString("en-US")} values\n`));
  assert.match(out, /\n {2}cls_token +F32 \[1, 1, 192\]\n/);
  assert.match(out, /\nfits\n {2}vit_tiny_patch16_224 {2}with height 64, width 64, classes 5\n$/);
  const told = JSON.parse((await weights(t, "inspect", file, "--json")).out) as WeightsSummary;
  assert.deepEqual(told, inspectWeights(file));
  assert.deepEqual(told.tensors[0], { name: "cls_token", type: "F32", shape: [1, 1, 192] });
  assert.deepEqual(told.fits, [{ model: vit, options: { height: 64, width: 64, classes: 5 }, differs: [] }]);
});

test("inspect: other channels, no head, counters, other networks' tensors, other types", async (t) => {
  const path = join(scratchFolder(t), "b0.safetensors");
  const fits = (tensors: ReadonlyMap<string, SafeTensor>): WeightsSummary["fits"] => {
    writeSafetensors(path, tensors);
    return inspectWeights(path).fits;
  };
  const model = unfilled("tf_efficientnet_b0", { channels: 2 });
  const tensors = safe(model.readState());
  model.dispose();
  tensors.set("bn1.num_batches_tracked", { dtype: "I64", shape: [], data: BigInt64Array.of(1n) });
  assert.deepEqual(fits(tensors), [{ model: "tf_efficientnet_b0", options: { channels: 2 }, differs: [] }]);
  tensors.delete("classifier.bias");
  const [fit] = fits(tensors);
  assert.deepEqual(fit!.differs, ["without classifier.bias"]);
  // A head whose weight and bias disagree, a tensor too many, another shape: no fit.
  const bias: SafeTensor = { dtype: "F32", shape: [3], data: new Float32Array(3) };
  assert.deepEqual(fits(new Map([...tensors, ["classifier.bias", bias]])).length, 1);
  const weight: SafeTensor = { dtype: "F32", shape: [4, 1280], data: new Float32Array(4 * 1280) };
  assert.deepEqual(fits(new Map([...tensors, ["classifier.bias", bias], ["classifier.weight", weight]])), []);
  assert.deepEqual(fits(new Map([...tensors, ["other", bias]])), []);
  assert.deepEqual(fits(new Map([...tensors, ["bn2.bias", bias]])), []);
  writeSafetensors(path, halves());
  const { code, out } = await weights(t, "inspect", path);
  assert.deepEqual([code, out.endsWith("\nfits no model of the registry\n")], [0, true]);
  assert.match(out, / {2}half {3}F16 \[2, 3\]\n/);
});

test("import, load, export from a checkpoint, import again: equal all the way, and timm's logits", async (t) => {
  const { folder, file } = goldenFile(t);
  const [first, exported, last] = ["first", "exported", "last"].map((name) => join(folder, `${name}.safetensors`));
  const imported = await weights(t, "import", file, ...asTrained, "--out", first!);
  assert.deepEqual([imported.code, imported.err], [0, ""]);
  assert.equal(imported.out, `${first}: ${vit}, 152 tensors as they were\n`);
  assert.deepEqual(weightsFromSafetensors(first!), goldenWeights(golden));
  const model = unfilled(vit, { classes: 5, height: 64, width: 64 });
  loadPretrained(model, first!);
  checkEval(model, golden.cases[0]!);
  const checkpoint = join(folder, "run");
  writeCheckpoint(checkpoint, checkpointOf(model));
  const { code, out } = await weights(t, "export", checkpoint, "--out", exported!);
  assert.deepEqual([code, out], [0, `${exported}: ${vit}, 152 tensors after 12 steps\n`]);
  assert.deepEqual(weightsFromSafetensors(exported!), goldenWeights(golden));
  assert.equal((await weights(t, "import", exported!, ...asTrained, "--out", last!)).code, 0);
  for (const path of [exported!, last!]) assert.deepEqual(readFileSync(path), readFileSync(first!), path);
  model.dispose();
});

test("import fits channels, image size and a new head, and says so", async (t) => {
  const { folder, file } = goldenFile(t);
  const out = join(folder, "fitted.safetensors");
  const options = ["--channels", "1", "--classes", "2", "--height", "32", "--width", "96", "--head", "new"];
  const run = (seed: string): Promise<Ended> =>
    weights(t, "import", file, "--model", vit, ...options, "--seed", seed, "--out", out);
  const { out: said, code } = await run("3");
  assert.equal(code, 0);
  assert.equal(
    said,
    [
      `${out}: ${vit}, 148 tensors as they were`,
      "  pos_embed                positions of 4 x 4 patches made ones of 2 x 6, bicubic",
      "  patch_embed.proj.weight  the sum of the weights of 3 channels",
      "  head.weight              new, drawn with seed 3",
      "  head.bias                new, drawn with seed 3",
      "",
    ].join("\n"),
  );
  const bytes = readFileSync(out);
  await run("3");
  assert.deepEqual(readFileSync(out), bytes, "the same seed, the same file");
  await run("4");
  assert.notDeepEqual(readFileSync(out), bytes);
  const model = unfilled(vit, { channels: 1, classes: 2, height: 32, width: 96 });
  assert.deepEqual(loadPretrained(model, out).adapted, []);
  model.dispose();
});

test("export takes the best epoch's weights where asked, and leaves the optimizer's behind", async (t) => {
  const folder = scratchFolder(t);
  const [last, best] = [unfilled("chambon2018", {}, 1), unfilled("chambon2018", {}, 2)];
  const run = join(folder, "run");
  const checkpoint = checkpointOf(last);
  const slot: SafeTensor = { dtype: "F32", shape: [1], data: Float32Array.of(9) };
  const stored = { ...checkpoint, weights: new Map([...checkpoint.weights, ["optimizer/m/x", slot]]) };
  writeCheckpoint(run, { ...stored, best: takeModel(best) });
  const out = join(folder, "out.safetensors");
  assert.equal((await weights(t, "export", run, "--out", out)).code, 0);
  assert.deepEqual(weightsFromSafetensors(out), last.readState());
  const told = await weights(t, "export", run, "--best", "--out", out);
  assert.match(told.out, /tensors of its best epoch\n$/);
  assert.deepEqual(weightsFromSafetensors(out), best.readState());
  writeCheckpoint(run, stored);
  const none = await weights(t, "export", run, "--best", "--out", join(folder, "none.safetensors"));
  assert.deepEqual([none.code, existsSync(join(folder, "none.safetensors"))], [1, false]);
  assert.match(none.err, /^signalbook: .*: a checkpoint without a best epoch; export without --best.*\n$/);
  last.dispose();
  best.dispose();
});

test("what does not fit: one line, exit code 1, no file", async (t) => {
  const { folder, file } = goldenFile(t);
  const out = join(folder, "none.safetensors");
  const junk = join(folder, "junk.safetensors");
  writeFileSync(junk, "not a safetensors file at all");
  const cases: [args: string[], said: RegExp][] = [
    [["import", file, "--model", vit], /timm.safetensors, vit_tiny_patch16_224: .*2 misshapen: head.weight \[5, 192\]/],
    [["import", file, "--model", "blanco2020"], /\d+ missing: .*; 152 unexpected: cls_token, pos_embed, /],
    [["import", file, "--model", "vit_tyny"], /an unknown model; found vit_tyny/],
    [["import", file, "--model", "resnet50", "--height", "64"], /resnet50: unknown options; found height/],
    [["import", file, "--model", vit, "--height", "65"], /height in patches of 16 pixels/],
    [["import", junk, "--model", vit], /junk.safetensors: /],
    [["export", folder], /no checkpoint to go on from/],
  ];
  for (const [args, said] of cases) {
    const ended = await weights(t, ...args, "--out", out);
    assert.equal(ended.code, 1, args.join(" "));
    assert.match(ended.err, said);
    assert.match(ended.err, /^signalbook: [^\n]+\n$/);
  }
  assert.match((await weights(t, "inspect", junk)).err, /^signalbook: [^\n]+\n$/);
  assert.deepEqual(readdirSync(folder).sort(), ["junk.safetensors", "timm.safetensors"]);
});

test("mistakes on the command line: exit code 2", async (t) => {
  const cases: [args: string[], said: RegExp][] = [
    [["inspect"], /weights needs inspect FILE \| import FILE \| export CHECKPOINT/],
    [["look", "x"], /weights takes inspect, import, export; found "look"/],
    [["inspect", "x", "y"], /weights inspect takes one file; found "y" after it/],
    [["inspect", "x", "--out", "y"], /weights inspect takes no --out/],
    [["export", "x"], /weights export needs --out/],
    [["export", "x", "--out", "y", "--model", "z"], /weights export takes no --model/],
    [["import", "x", "--out", "y"], /weights import needs --model/],
    [
      ["import", "x", "--model", vit, "--out", "y", "--classes", "five"],
      /--classes takes a whole number; found "five"/,
    ],
    [["import", "x", "--model", vit, "--out", "y", "--head", "old"], /--head takes keep or new; found "old"/],
  ];
  for (const [args, said] of cases) {
    const { code, err } = await weights(t, ...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(err, said);
    assert.match(err, /^signalbook: [^\n]+\n {2}see: signalbook weights --help\n$/);
  }
});

/** A run of the model's as training would leave it after 12 steps. */
function checkpointOf(model: Model): Checkpoint {
  return {
    run: { model: { name: model.name, ...model.config } },
    state: { ...newRunState(0), epoch: 1, step: 12, updates: 12 },
    weights: takeModel(model),
    best: null,
  };
}
