/** Where a permit was placed, by the processes' clocks and by the server's. */
export interface Placement {
  /** False: nothing was reserved, too many are ahead. Ask again now. */
  readonly granted: boolean;
  /** Of the permit, in the log. */
  readonly id: string;
  /** When the call may leave, by the monotonic clock, in ms. */
  readonly dueAt: number;
  /** The same by the wall clock, told when the permit was placed. */
  readonly dueAtByWall: number;
  /** The same by the server's clock, in ms. */
  readonly planned: number;
  /** When the permit before this one was planned, by the server's clock, in ms. */
  readonly plannedBefore: number;
  /** The interval in force at full load, in ms. */
  readonly intervalMs: number;
  /** The interval that the setting of the last process to ask makes. Other than ours: their settings differ. */
  readonly othersIntervalMs: number;
}
