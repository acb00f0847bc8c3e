/** An invocation that has not finished, with what of it is to be cancelled. */
export interface FoundInvocation {
  readonly region: string;
  readonly invocationId: string;
  readonly commandId: string;
  readonly commandName: string;
  /** As the cloud writes it. */
  readonly createdAt: string;
  /** Milliseconds since the epoch; NaN when the cloud's text is no time. */
  readonly createdAtMs: number;
  readonly isScheduled: boolean;
  /** Where it has not finished; undefined for everywhere: the invocation is cancelled as a whole. */
  readonly instanceIds: readonly string[] | undefined;
  /** How many instances that are. 0 when the cloud does not tell. */
  readonly unfinished: number;
  /** How many instances it was started on, if that is known. */
  readonly instances: number | undefined;
  /** How many of the unfinished are in which state. */
  readonly states: ReadonlyMap<string, number>;
}

/** What a search has found, the newest first. */
export interface Findings {
  readonly invocations: readonly FoundInvocation[];
  /** How many invocations were looked at. */
  readonly examined: number;
  /** How many more the cloud knew of at the end of the search than at its start: started meanwhile, perhaps unseen. */
  readonly startedMeanwhile: number;
}

export function countInstances(invocations: readonly FoundInvocation[]): number {
  return invocations.reduce((sum, { unfinished }) => sum + unfinished, 0);
}

/** Told after every page of a search: how much was looked at, and of how much. */
export type OnPage = (examined: number, total: number) => void;
