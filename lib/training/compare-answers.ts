/** Several answers to one data set: every one's scores and what one scores more than another, all on the same resamples. */
import { SignalbookError } from "../core/errors";
import type { BootstrapInterval, BootstrapOptions } from "./bootstrap";
import { type ClassificationReport, classificationReport } from "./classification-report";
import { type Dataset, targetsOf } from "./dataset";
import { type Score, scoreIntervals } from "./intervals";
import { argmax } from "./metrics";
import type { Probabilities } from "./probabilities";

/** Who answered, and what. */
export interface Answers {
  readonly who: string;
  readonly scores: Probabilities;
}

/** A question: how much more does one of the answers score than another? */
export interface Contrast {
  /** What the difference is called. Default "<of> minus <minus>". */
  readonly what?: string;
  readonly of: string;
  readonly minus: string;
}

export interface CompareOptions<M extends string> {
  /** Scores by their names: `{ "macro F1": macroF1Of(5), kappa: ofClasses(cohenKappa, 5) }`. */
  readonly measures: Readonly<Record<M, Score>>;
  readonly differences?: readonly Contrast[];
  readonly bootstrap: BootstrapOptions;
}

/** A score, or a difference of two, for every measure. */
export type Measured<M extends string> = Readonly<Record<M, BootstrapInterval>>;

export interface AnswersCompared<M extends string> {
  readonly dataset: Dataset;
  readonly measures: readonly M[];
  /** In the order given. */
  readonly answers: readonly (Answers & { readonly measured: Measured<M> })[];
  /** Paired: both sides are scored on the same resamples. In the order given. */
  readonly differences: readonly (Required<Contrast> & { readonly measured: Measured<M> })[];
  /** @throws SignalbookError for a name that nobody has, with those there are */
  answer(who: string): Answers & { readonly measured: Measured<M> };
  /** By its name, as {@link answer}. */
  difference(what: string): Measured<M>;
  /** Of classes that exclude each other: everything usually asked about one of the answers. */
  report(who: string): ClassificationReport;
}

/**
 * Scores of every answer and differences between them, with percentile intervals over resampled groups. The numbers are
 * those of {@link scoreInterval} with the same options, measure by measure.
 * @throws SignalbookError for no answers or measures, a name given twice, a difference of unknown names; and as scoreInterval
 */
export function compareAnswers<M extends string>(
  dataset: Dataset,
  answers: readonly Answers[],
  { measures, differences = [], bootstrap }: CompareOptions<M>,
): AnswersCompared<M> {
  const names = Object.keys(measures) as M[];
  if (answers.length === 0 || names.length === 0)
    throw new SignalbookError("nothing to compare", { found: `${answers.length} answers, ${names.length} measures` });
  const contrasts = differences.map(({ of, minus, what = `${of} minus ${minus}` }) => ({ what, of, minus }));
  const places = placesOf(answers.map(({ who }) => who));
  placesOf(contrasts.map(({ what }) => what));
  const pairs = contrasts.map(({ of, minus }) => [known(places, of), known(places, minus)] as const);

  const key = (kind: "answer" | "difference", i: number, name: M): string => `${kind} ${i} ${name}`;
  const intervals = scoreIntervals(
    dataset,
    answers.map(({ scores }) => scores),
    (truth, ...values) => {
      const found: Record<string, number | null> = {};
      for (const name of names) {
        const own = values.map((of) => measures[name](truth, of));
        own.forEach((value, i) => {
          found[key("answer", i, name)] = value;
        });
        pairs.forEach(([of, minus], i) => {
          const [more, less] = [own[of]!, own[minus]!];
          found[key("difference", i, name)] = more === null || less === null ? null : more - less;
        });
      }
      return found;
    },
    bootstrap,
  );
  const measuredOf = (kind: "answer" | "difference", i: number) =>
    Object.fromEntries(names.map((name) => [name, intervals[key(kind, i, name)]!])) as Measured<M>;
  const scored = answers.map((given, i) => ({ ...given, measured: measuredOf("answer", i) }));
  const gained = contrasts.map((contrast, i) => ({ ...contrast, measured: measuredOf("difference", i) }));
  const byWhat = placesOf(contrasts.map(({ what }) => what));
  return {
    dataset,
    measures: names,
    answers: scored,
    differences: gained,
    answer: (who) => scored[known(places, who)]!,
    difference: (what) => gained[known(byWhat, what)]!.measured,
    report: (who) => {
      const stages = (values: ArrayLike<number>) => argmax(values, dataset.classes.length);
      const { values } = scored[known(places, who)]!.scores;
      return classificationReport(stages(targetsOf(dataset)), stages(values), dataset.classes);
    },
  };
}

function placesOf(names: readonly string[]): Map<string, number> {
  const places = new Map(names.map((name, i): [string, number] => [name, i]));
  if (places.size < names.length)
    throw new SignalbookError("a name that stands twice in a comparison", {
      found: names.find((name, i) => names.indexOf(name) < i)!,
      fix: "let every answer and every difference have its own",
    });
  return places;
}

function known(places: ReadonlyMap<string, number>, name: string): number {
  const place = places.get(name);
  if (place === undefined)
    throw new SignalbookError("a name that is not in the comparison", {
      found: name,
      expected: [...places.keys()].join("; ") || "none",
    });
  return place;
}
