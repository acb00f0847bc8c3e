import type { Check } from './check.js';
import { callRate } from './checks/call-rate.js';
import { cloudClock } from './checks/cloud-clock.js';
import { credentialsAccepted } from './checks/credentials-accepted.js';
import { credentialsPresent } from './checks/credentials-present.js';
import { deadLetters } from './checks/dead-letters.js';
import { endpointReachable } from './checks/endpoint-reachable.js';
import { ledgerEntries } from './checks/ledger-entries.js';
import { limiterState } from './checks/limiter-state.js';
import { overdueCalls } from './checks/overdue-calls.js';
import { queueActive } from './checks/queue-active.js';
import { queueDelayed } from './checks/queue-delayed.js';
import { queueFailed } from './checks/queue-failed.js';
import { queueHashes } from './checks/queue-hashes.js';
import { queueLocks } from './checks/queue-locks.js';
import { redisAnswer } from './checks/redis-answer.js';
import { redisClock } from './checks/redis-clock.js';
import { redisEviction } from './checks/redis-eviction.js';
import { redisLatency } from './checks/redis-latency.js';
import { redisMemory } from './checks/redis-memory.js';
import { redisPersistence } from './checks/redis-persistence.js';
import { redisTopology } from './checks/redis-topology.js';
import { redisVersion } from './checks/redis-version.js';
import { regionAccepted } from './checks/region-accepted.js';
import { requestJobs } from './checks/request-jobs.js';
import { workState } from './checks/work-state.js';
import { workerSettings } from './checks/worker-settings.js';

export { redisAnswer };

/** In the order in which they are told: Redis, the work in it, the call limiter, the way to the cloud. */
export const checks: readonly Check[] = [
  redisAnswer,
  redisVersion,
  redisTopology,
  redisPersistence,
  redisEviction,
  redisMemory,
  redisLatency,
  redisClock,
  workState,
  queueFailed,
  queueDelayed,
  queueActive,
  queueHashes,
  queueLocks,
  requestJobs,
  ledgerEntries,
  overdueCalls,
  deadLetters,
  workerSettings,
  limiterState,
  callRate,
  endpointReachable,
  cloudClock,
  credentialsPresent,
  credentialsAccepted,
  regionAccepted,
];
