/** What an architecture file tells the registry: its variants, the options they take, and how one is made. */
import type { Initial } from "../nn";
import type { Model, ModelInputs } from "./model";

/** Shapes of a model's inputs, without the batch. */
export type InputShapes = Partial<Record<keyof ModelInputs, readonly number[]>>;

export interface Family<Name extends string, Options extends object> {
  /** What its models look at. */
  input: "signal" | "image";
  /** Options they know. */
  options: readonly (keyof Options & string)[];
  /** By name, a line for a table and where the variant was published. */
  members: Readonly<Record<Name, { summary: string; source: string; shapes?: InputShapes }>>;
  /** What a model made without options is given in its publication; a member may say otherwise. */
  shapes: InputShapes;
  make(name: Name, options: Options, initial: Initial): Model;
}
