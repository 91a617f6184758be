/** Range and mean of numbers that come in pieces. */

export interface StatisticsSummary {
  /** Values that the file marks as missing. */
  missing: number;
  /** Of the values that are there; null when there is none, or they are no numbers. */
  minimum: number | null;
  maximum: number | null;
  mean: number | null;
}

export class Statistics {
  count = 0;
  private missing = 0;
  private minimum = Number.POSITIVE_INFINITY;
  private maximum = Number.NEGATIVE_INFINITY;
  private sum = 0;

  /** NaN counts as missing. @returns itself. */
  add(values: ArrayLike<number | bigint>): this {
    this.count += values.length;
    for (let i = 0; i < values.length; i++) {
      const value = Number(values[i]);
      if (Number.isNaN(value)) {
        this.missing++;
        continue;
      }
      if (value < this.minimum) this.minimum = value;
      if (value > this.maximum) this.maximum = value;
      this.sum += value;
    }
    return this;
  }

  summary(): StatisticsSummary {
    const present = this.count - this.missing;
    if (present === 0) return { missing: this.missing, minimum: null, maximum: null, mean: null };
    return { missing: this.missing, minimum: this.minimum, maximum: this.maximum, mean: this.sum / present };
  }
}

/** For what is no number: nothing but how many are missing. */
export function noStatistics(missing = 0): StatisticsSummary {
  return { missing, minimum: null, maximum: null, mean: null };
}
