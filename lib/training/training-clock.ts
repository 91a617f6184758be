/** What the time of a run goes into. */

/** Seconds. */
export interface Timing {
  total: number;
  /** For a batch. */
  waiting: number;
  /** In training steps: a batch's arrays to tensors, forward, gradients, optimizer. */
  engine: number;
  validation: number;
  /** Saving, and before that taking the weights out of the engine. */
  checkpoint: number;
  /** All the rest. */
  other: number;
}

export type Part = Exclude<keyof Timing, "total" | "other">;

export const noTime: Readonly<Timing> = { total: 0, waiting: 0, engine: 0, validation: 0, checkpoint: 0, other: 0 };

/** Measures one process; starts when it is made. */
export class TrainingClock {
  private readonly began = performance.now();
  private readonly parts: Record<Part, number>;

  /** @param before what earlier processes of the same run took */
  constructor(private readonly before: Timing = noTime) {
    const { waiting, engine, validation, checkpoint } = before;
    this.parts = { waiting, engine, validation, checkpoint };
  }

  /** Does something and counts its seconds. */
  async in<T>(part: Part, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.parts[part] += (performance.now() - started) / 1000;
    }
  }

  /** All up to now, with what was before. */
  now(): Timing {
    const total = this.before.total + (performance.now() - this.began) / 1000;
    const { waiting, engine, validation, checkpoint } = this.parts;
    return { total, ...this.parts, other: Math.max(0, total - waiting - engine - validation - checkpoint) };
  }
}

/** What came after earlier stretches of a run. */
export function timeSince(earlier: readonly Timing[], now: Timing): Timing {
  const names = Object.keys(noTime) as (keyof Timing)[];
  const rest = (name: keyof Timing): number => earlier.reduce((left, stretch) => left - stretch[name], now[name]);
  return Object.fromEntries(names.map((name) => [name, rest(name)])) as unknown as Timing;
}
