import type { FaultWorkerChanges } from '../fault-worker.js';

/** How fast a mix lives. */
export interface MixPace {
  readonly callsPerSecond: number;
  /** What the workers are told, besides where they are. */
  readonly worker: FaultWorkerChanges & { readonly attempts: number; readonly callTimeoutMs: number };
  /** Requests and faults are spread over this times a second or two. */
  readonly stretch: number;
  /** How long an accepted task may run on before it is a dead letter. */
  readonly confirmWithinMs: number;
  /** The longest time between two looks at an accepted task, and then some for a busy machine. */
  readonly lookEveryMs: number;
  /** Everything must have its end so long after the last fault. */
  readonly withinMs: number;
}

const hurriedDeadlineMs = 6_000;

/** A few seconds for each seed. */
export const hurriedPace: MixPace = {
  callsPerSecond: 50,
  worker: {
    attempts: 4,
    callTimeoutMs: 800,
    timings: {
      lockMs: 2_500,
      stalledEveryMs: 300,
      reconcileEveryMs: 200,
      leaseMarginMs: 200,
      readBackLeaseMs: 3_000,
      patience: { againAfterMs: 800, deadlineMs: hurriedDeadlineMs },
    },
  },
  stretch: 1,
  confirmWithinMs: hurriedDeadlineMs,
  lookEveryMs: 4_000,
  withinMs: 60_000,
};

/** As in production: minutes for each seed. */
export const realPace: MixPace = {
  callsPerSecond: 20,
  worker: { attempts: 8, callTimeoutMs: 10_000 },
  stretch: 6,
  confirmWithinMs: 120_000,
  lookEveryMs: 20_000,
  withinMs: 600_000,
};
