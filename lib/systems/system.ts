/** What a published system is to this project: data, and where this project departs from it. */
import type { PublishedScore } from "../training/published-score";

/** A point where the published code and its text disagree, or the code does not do what was meant. */
export interface Deviation {
  point: string;
  /** What the published code does, or what its sources say. */
  published: string;
  /** What this project does unless asked otherwise. */
  here: string;
  why: string;
  /** Whether an option gives the published behaviour. */
  asPublished: boolean;
}

export interface System {
  /** Number in the project's tables. */
  number: string;
  title: string;
  task: string;
  sources: readonly string[];
  /** What its authors measured. Nothing here was measured by this project. */
  scores: readonly PublishedScore[];
  /** What was published instead of scores, or must be known of all of them. */
  scoresRemark?: string;
  deviations: readonly Deviation[];
}
