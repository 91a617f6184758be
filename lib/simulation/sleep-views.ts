/** What each derivation of a polysomnography sees of the sources in the head. */

/** Gains. Eyes: a movement upwards has one sign at both eyes, one to the side opposite signs. */
export interface View {
  slow: number;
  theta: number;
  alpha: number;
  sigma: number;
  central: number;
  upwards: number;
  sideways: number;
  /** Part of the head whose own share of a rhythm it sees. */
  region: "front" | "back" | "left" | "right";
}

/** Where a rhythm or a transient comes from. "all": as strong everywhere. */
export type Source = Exclude<keyof View, "region"> | "all";

type Gains = readonly [
  slow: number,
  theta: number,
  alpha: number,
  sigma: number,
  central: number,
  upwards: number,
  sideways: number,
];

function view(region: View["region"], [slow, theta, alpha, sigma, central, upwards, sideways]: Gains): View {
  return { slow, theta, alpha, sigma, central, upwards, sideways, region };
}

export const VIEWS = {
  //                       slow  theta alpha sigma centr upwards sideways
  "Fpz-Cz": view("front", [1.0, 0.8, 0.45, 0.8, 0.7, 0.5, 0.3]),
  "Pz-Oz": view("back", [0.5, 0.7, 1.0, 0.6, 0.35, 0.02, 0.02]),
  "C3-M2": view("left", [0.95, 1.0, 0.5, 1.0, 1.0, 0.08, 0.05]),
  "C4-M1": view("right", [0.95, 1.0, 0.5, 1.0, 1.0, 0.08, -0.05]),
  "O1-M2": view("left", [0.6, 0.7, 1.1, 0.4, 0.4, 0.02, 0.02]),
  "O2-M1": view("right", [0.6, 0.7, 1.1, 0.4, 0.4, 0.02, -0.02]),
  "E1-M2": view("left", [0.5, 0.4, 0.25, 0.3, 0.3, 0.35, 1.0]),
  "E2-M1": view("right", [0.5, 0.4, 0.25, 0.3, 0.3, 0.35, -1.0]),
} as const;

export type SleepDerivation = keyof typeof VIEWS;
export const SLEEP_DERIVATIONS = Object.keys(VIEWS) as SleepDerivation[];

export function gainOf(derivation: SleepDerivation, source: Source): number {
  return source === "all" ? 1 : VIEWS[derivation][source];
}
