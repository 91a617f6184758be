import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { macroF1Of } from "../../lib/training/class-scores";
import { classificationReport } from "../../lib/training/classification-report";
import { compareAnswers } from "../../lib/training/compare-answers";
import { type Example, memoryDataset } from "../../lib/training/dataset";
import { gain, ofClasses, scoreInterval } from "../../lib/training/intervals";
import { cohenKappa } from "../../lib/training/kappa";
import { probabilities } from "../../lib/training/probabilities";
import { throwsProblem } from "../support/problems";

const CLASSES = ["W", "N2", "REM"];
const random = new Generator(46);
const truth = Int32Array.from({ length: 90 }, () => random.below(3));
const examples = Array.from(truth, (stage, i): Example => {
  const target = Float32Array.from(CLASSES, (_, k) => Number(k === stage));
  return { id: `w${i}`, input: new Float32Array(1), extras: {}, target, group: `s${i % 9}`, weight: 1 };
});
const dataset = memoryDataset("toy nights", CLASSES, [1], examples);
/** Answers that are right in a share of the windows. */
const rightIn = (share: number) => {
  const told = Array.from(truth, (stage) => (random.random() < share ? stage : random.below(3)));
  return probabilities(
    dataset.ids,
    CLASSES,
    Float64Array.from(told.flatMap((stage) => CLASSES.map((_, k) => (k === stage ? 0.8 : 0.1)))),
  );
};
const [network, linear, control] = [rightIn(0.8), rightIn(0.5), rightIn(0)];
const answers = [
  { who: "network", scores: network },
  { who: "linear", scores: linear },
  { who: "control", scores: control },
];
const measures = { "macro F1": macroF1Of(3), kappa: ofClasses(cohenKappa, 3) };
const bootstrap = { samples: 200, seed: 5, level: 0.95 };

test("every number is the one that scoreInterval gives, answer by answer and pair by pair", () => {
  const compared = compareAnswers(dataset, answers, {
    measures,
    bootstrap,
    differences: [
      { of: "network", minus: "linear" },
      { what: "above chance", of: "network", minus: "control" },
    ],
  });
  assert.deepEqual(compared.measures, ["macro F1", "kappa"]);
  for (const name of compared.measures) {
    const score = measures[name];
    for (const { who, scores } of answers)
      assert.deepEqual(compared.answer(who).measured[name], scoreInterval(dataset, [scores], score, bootstrap));
    assert.deepEqual(
      compared.difference("network minus linear")[name],
      scoreInterval(dataset, [linear, network], gain(score), bootstrap),
    );
    const above = compared.difference("above chance")[name];
    assert.deepEqual(above, scoreInterval(dataset, [control, network], gain(score), bootstrap));
    assert.ok(above.low > 0, `${above.low}`);
  }
  assert.deepEqual(
    compared.differences.map(({ what, of, minus }) => [what, of, minus]),
    [
      ["network minus linear", "network", "linear"],
      ["above chance", "network", "control"],
    ],
  );
});

test("the report of an answer is that of its likeliest classes", () => {
  const compared = compareAnswers(dataset, answers, { measures, bootstrap: { ...bootstrap, samples: 2 } });
  const told = Int32Array.from(truth, (_, i) => [0, 1, 2].find((k) => linear.values[3 * i + k] === 0.8)!);
  assert.deepEqual(compared.report("linear"), classificationReport(truth, told, CLASSES));
  assert.equal(compared.answer("network").scores, network);
});

test("a measure that is not defined in a resample leaves it out for that measure only", () => {
  const rare = memoryDataset(
    "one sleeper has REM",
    CLASSES,
    [1],
    examples.map((example, i) => ({ ...example, group: truth[i] === 2 ? "s0" : `s${1 + (i % 4)}` })),
  );
  const options = { ...bootstrap, samples: 100 };
  const whereRem = ofClasses(
    (wanted, predicted) => (wanted.includes(2) ? wanted.filter((stage, i) => stage === predicted[i]).length : null),
    3,
  );
  const { measured } = compareAnswers(rare, answers, {
    measures: { ...measures, whereRem },
    bootstrap: options,
  }).answer("network");
  assert.equal(measured["macro F1"].undefinedSamples, 0);
  assert.ok(measured.whereRem.undefinedSamples > 0);
  assert.deepEqual(measured.whereRem, scoreInterval(rare, [network], whereRem, options));
});

test("names that stand twice or nowhere, other examples and nothing at all are refused", () => {
  const options = { measures, bootstrap };
  throwsProblem(() => compareAnswers(dataset, [], options), { found: "0 answers, 2 measures" });
  throwsProblem(() => compareAnswers(dataset, answers, { measures: {}, bootstrap }), {
    found: "3 answers, 0 measures",
  });
  throwsProblem(() => compareAnswers(dataset, [...answers, answers[1]!], options), { found: "linear" });
  const differences = [{ of: "network", minus: "lineal" }];
  throwsProblem(() => compareAnswers(dataset, answers, { ...options, differences }), {
    found: "lineal",
    expected: "network; linear; control",
  });
  const twice = [
    { of: "network", minus: "linear" },
    { of: "network", minus: "linear" },
  ];
  throwsProblem(() => compareAnswers(dataset, answers, { ...options, differences: twice }), {
    found: "network minus linear",
  });
  const compared = compareAnswers(dataset, answers, { measures, bootstrap: { ...bootstrap, samples: 2 } });
  throwsProblem(() => compared.answer("netwrok"), { found: "netwrok" });
  throwsProblem(() => compared.difference("network minus linear"), { expected: "none" });
  const others = probabilities(
    dataset.ids.map((id) => `other ${id}`),
    CLASSES,
    network.values,
  );
  throwsProblem(() => compareAnswers(dataset, [{ who: "other", scores: others }], options), { place: "toy nights" });
});
