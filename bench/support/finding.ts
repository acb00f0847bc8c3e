/** One line of the table. */
export interface Finding {
  readonly what: string;
  /** `tat-cancel`, or the peer that was measured in its place. */
  readonly who: string;
  readonly measured: string;
  /** Left out for peers. */
  readonly target?: string;
  readonly isMet?: boolean;
  readonly note?: string;
  /** The bare figures behind `measured`. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Bench {
  /** Names it on the command line. */
  readonly name: string;
  readonly measures: string;
  run(size: BenchSize): Promise<Finding[]>;
}

export interface BenchSize {
  /** 1 for the real measurement; a fraction to see whether the bench itself works. */
  readonly scale: number;
  /** How often a short measurement is repeated; the median counts. */
  readonly rounds: number;
}

export const ours = 'tat-cancel';
