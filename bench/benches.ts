import { backlogRate } from './backlog-rate.js';
import { cliStart } from './cli-start.js';
import { dashboardScale } from './dashboard-scale.js';
import { deadLetters } from './dead-letters.js';
import { httpEnqueue } from './http-enqueue.js';
import { idleLatency } from './idle-latency.js';
import { liftedLimit } from './lifted-limit.js';
import { millionBacklog } from './million-backlog.js';
import { oneRequest } from './one-request.js';
import { overview } from './overview.js';
import { sharedCalls } from './shared-calls.js';
import type { Bench } from './support/finding.js';

/** In the order of the table. */
export const benches: readonly Bench[] = [
  backlogRate,
  oneRequest,
  sharedCalls,
  liftedLimit,
  idleLatency,
  millionBacklog,
  overview,
  deadLetters,
  dashboardScale,
  httpEnqueue,
  cliStart,
];
