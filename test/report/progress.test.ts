import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import type { Bundle } from "../../lib/report/display";
import { durationText, progressDisplay, progressText } from "../../lib/report/progress";
import type { RanPrecision } from "../../lib/training/ran-precision";
import { elementsOf } from "./markup";

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A hundred events over ten seconds of a clock of our own. */
function tenSeconds(show: (step: number) => void, clock: { now: number }): void {
  for (let step = 1; step <= 100; step++) {
    clock.now += 100;
    show(step);
  }
}

test("progress in words", () => {
  const event = {
    epoch: 3,
    epochs: 20,
    step: 12,
    steps: 80,
    loss: 0.41236,
    metric: { name: "AUC", value: 0.8 },
    secondsLeft: 80,
  };
  assert.equal(
    progressText(event, "fold 1"),
    "fold 1: epoch 3 of 20, step 12 of 80, loss 0.4124, AUC 0.800, 1 min 20 s left",
  );
  const rates = (learningRate: number, examplesPerSecond: number): string =>
    progressText({ ...event, learningRate, examplesPerSecond })
      .split(", ")
      .slice(-3, -1)
      .join(", ");
  assert.equal(rates(3.1234e-4, 51.7), "rate 0.000312, 52 examples/s");
  assert.equal(rates(1e-7, 1234.5), "rate 1e-7, 1235 examples/s");
  assert.equal(rates(0, 0.123), "rate 0, 0.12 examples/s");
  assert.equal(progressText(event, undefined, "stopped").split(", ").at(-1), "stopped");
  assert.deepEqual([0.4, 59.6, 3600, 7384].map(durationText), ["0 s", "1 min 0 s", "1 h 0 min", "2 h 3 min"]);
});

test("a cell is redrawn in place, at most five times a second", () => {
  const bundles: Bundle[] = [];
  const clock = { now: 0 };
  const display = { displayId: "x", show: (bundle: Bundle) => void bundles.push(bundle) };
  const progress = progressDisplay({ surface: "cell", display, now: () => clock.now, title: "<fold>" });
  tenSeconds((step) => progress.update({ epoch: 1, epochs: 2, step, steps: 100 }), clock);
  assert.ok(bundles.length <= 51 && bundles.length >= 45, String(bundles.length));
  progress.finish();
  const last = bundles.at(-1)!;
  const bar = elementsOf(String(last["text/html"])).find((element) => element.name === "progress")!;
  assert.equal(bar.attributes["value"], "0.5000");
  assert.match(last["text/plain"], /^\[█{12}░{12}\] <fold>: epoch 1 of 2, step 100 of 100, done$/);
});

test("what was computed in is told at the end, and not before", () => {
  const ran = {
    asked: "bfloat16",
    multiplyAdds: { bfloat16: 0.75, float32: 0.25 },
    device: "CPU",
    backend: "tensorflow",
  };
  const event = { epoch: 1, epochs: 1, step: 2, steps: 2, ran: ran as RanPrecision };
  const told = "bfloat16 asked; multiply-adds 75 % in bfloat16, 25 % in float32; tensorflow on CPU";
  const texts = (surface: "log" | "terminal"): string => {
    const output = Object.assign(new Collector(), { columns: 60 });
    const progress = progressDisplay({ surface, output, now: () => 0 });
    progress.update(event);
    progress.finish("finished");
    return output.text;
  };
  assert.equal(texts("log"), `epoch 1 of 1, step 2 of 2\nepoch 1 of 1, step 2 of 2, finished; ${told}\n`);
  const [line, next] = texts("terminal").split("\n");
  assert.match(line!, /, finished *$/);
  assert.equal(next, told);
  const bundles: Bundle[] = [];
  const display = { displayId: "x", show: (bundle: Bundle) => void bundles.push(bundle) };
  const progress = progressDisplay({ surface: "cell", display, now: () => 0 });
  progress.update(event);
  progress.finish();
  assert.deepEqual(
    bundles.map((bundle) => String(bundle["text/plain"]).endsWith(`done; ${told}`)),
    [false, true],
  );
  assert.match(String(bundles[1]!["text/html"]), /done; bfloat16 asked/);
});

test("a terminal's line is rewritten and wiped where it gets shorter", () => {
  const output = new Collector();
  const progress = progressDisplay({ surface: "terminal", output, now: () => 0 });
  progress.update({ epoch: 1, epochs: 1, step: 1, steps: 2, secondsLeft: 4000 });
  progress.finish("ok");
  const [, first, second] = output.text.split("\r");
  assert.equal(second!.length, first!.length + 1); // the newline
  assert.match(second!, /, ok +\n$/);
});

test("a terminal's line never wraps: the bar goes first, then the end of the text", () => {
  const event = { epoch: 1, epochs: 1, step: 1, steps: 2, loss: 0.5 };
  const whole = `[${"█".repeat(12)}${"░".repeat(12)}] epoch 1 of 1, step 1 of 2, loss 0.5000`;
  for (const [columns, expected] of [
    [whole.length + 1, whole],
    [whole.length, "epoch 1 of 1, step 1 of 2, loss 0.5000"],
    [20, "epoch 1 of 1, step "],
  ] as const) {
    const output = Object.assign(new Collector(), { columns });
    progressDisplay({ surface: "terminal", output, now: () => 0 }).update(event);
    assert.equal(output.text, `\r${expected}`);
  }
});

test("a log gets few plain lines", () => {
  const output = new Collector();
  const clock = { now: 0 };
  const progress = progressDisplay({ surface: "log", output, now: () => clock.now });
  tenSeconds((step) => progress.update({ epoch: 1, epochs: 1, step, steps: 100 }), clock);
  progress.finish();
  const lines = output.text.trimEnd().split("\n");
  assert.equal(lines.length, 2);
  assert.ok(!/[\r\u2588]/.test(output.text));
});
