/** Bottleneck's permission for one call, once it is due. */
export interface Ticket {
  /** False: nothing was reserved, too many were ahead. Ask again now. */
  readonly granted: boolean;
  /** By the monotonic clock, in ms. */
  readonly dueAt: number;
  /** By the wall clock, told when the slot was reserved. */
  readonly dueAtByWall: number;
  /** The gap after this slot, in ms: the spacing in force. */
  readonly spacingMs: number;
  /** How much longer than usual the slot may be used, in ms. */
  readonly graceMs: number;
  /** The nominal spacing of whoever reserved before, in ms. Other than ours: their settings differ. */
  readonly othersSpacingMs: number;
  /** How long the schedule had stood still before this slot, in ms. */
  readonly idleMs: number;
  /** How far ahead the slot lay when it was reserved, in ms. */
  readonly aheadMs: number;
  /** How far the schedule had been put off in all when the slot was reserved, in ms. */
  readonly postponedMs: number;
  /** The epoch of the timing that `dueAt` was told by. */
  readonly epoch: number;
}
