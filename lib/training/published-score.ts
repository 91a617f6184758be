/** A score as its authors published it, with what one must know before setting another number beside it. */
export interface PublishedScore {
  /** Which network or blend. */
  what: string;
  /** "macro F1"; all are shares, 0 to 1, whatever the authors' unit. */
  measure: string;
  score: number;
  /** On which data, by whom and how it was measured, as far as that is known. */
  protocol: string;
  source: string;
}
