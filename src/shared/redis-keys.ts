/** Everything of one installation shares this prefix; the braces make it one slot of a Redis Cluster. */
export const defaultPrefix = '{tat-cancel}';

/** How many hashes the look-up by instance is spread over: few enough entries in each to stay compact. */
const instanceBuckets = 65_536;

/** The Redis keys outside BullMQ's own, all made here. The Redis type stands beside each. */
export interface RedisKeys {
  /** Start of every ledger key; the Lua scripts append to it. */
  readonly ledger: string;
  /** string: counter that numbers requests in the order of acceptance. */
  readonly sequence: string;
  /** zset: request id by sequence number. */
  readonly requests: string;
  /** zset: id of each request with unsettled instances, by time of acceptance (ms). */
  readonly open: string;
  /** zset: id of each request with instances that wait, by time of acceptance (ms). */
  readonly waiting: string;
  /** hash: how many jobs and instances wait over all requests, `jobs:<rank>` and `instances:<rank>`. */
  readonly totals: string;
  /** zset: id of each settled request, by the time (ms) when it was settled. */
  readonly settled: string;
  /** zset: id of each request whose parts may not all be in their pools yet, by time of acceptance (ms). */
  readonly unqueued: string;
  /** hash: `region|invocation` to the job of the queue that stands for its pool (pools.lua). */
  readonly pools: string;
  /** zset: each such job that may not be in the queue yet, by the time (ms) when it was asked for. */
  readonly unqueuedPools: string;
  /** hash: call id to what that call carries. */
  readonly flights: string;
  /** zset: call id by the time (ms) after which its worker is taken for dead. */
  readonly flightDeadlines: string;
  /** hash: dead letter id to its content; dead-letters.lua says of what lines. */
  readonly deadLetters: string;
  /** zset, all scores 0: where to find dead letters by time, code, request and invocation. */
  readonly deadLetterIndex: string;
  /** hash: how many dead letters and instances there are of each code. */
  readonly deadLetterCounts: string;
  /** hash of 0.1.0: dead letter id to its content, until it is in the dead-letter queue. */
  readonly deadLetterOutbox: string;
  /** zset of 0.1.0: id of each dead letter by its number, in the order in which they came. */
  readonly deadLetterOrder: string;
  /** string of 0.1.0: counter that numbers dead letters. */
  readonly deadLetterSequence: string;
  /** hash of 0.1.0: id of a dead letter that somebody dealt with to what was done, until it is out of its queue. */
  readonly handledLetters: string;
  /** stream: who redrove or discarded what. */
  readonly audit: string;
  /** hash: id of a settled request that wants a notification to the time when it was settled, until that is queued. */
  readonly webhookOutbox: string;
  /** zset: `region|invocation` by the time (ms) at which its accepted instances are looked at again. */
  readonly readBackDue: string;
  /** string: random half of what signs sessions of the page; the other half is SESSION_SECRET, if there is one. */
  readonly sessionKey: string;
  /** string: id of the data in this Redis; another one means that what was accepted before is gone. */
  readonly store: string;
  /** hash: format of the ledger, and the oldest format whose versions may work on it. */
  readonly format: string;
  /** string (JSON), absent unless held: why, since when. */
  readonly held: string;
  /** hash: id of what keeps only some calls back to when that expires (ms) and why (JSON). */
  readonly blocked: string;
  /** string (JSON), absent unless somebody paused: who, when and why. */
  readonly paused: string;
  /** hash, absent unless set: how many calls a second all workers may make, who set that and when. */
  readonly liveLimit: string;
  /** hash: worker name to what it last said of itself (JSON). */
  readonly workers: string;
  /** hash: second modulo 720 to `second calls instances refusals` of that second. */
  readonly calls: string;
  /** hash: one request, its jobs and the letter of every instance. */
  request(requestId: string): string;
  /** zset: parts with instances that wait for this invocation, in the order in which they are to be sent. */
  pool(region: string, invocationId: string): string;
  /** zset: parts that wait out a back-off before they join its pool, by the end of that (ms). */
  later(region: string, invocationId: string): string;
  /** hash: parts of a large request that is not accepted yet. */
  staged(id: string): string;
  /** set: jobs with instances of this invocation that the cloud accepted and that have not come to their end. */
  accepted(region: string, invocationId: string): string;
  /** hash: instance id to the parts that asked for it, one of many such hashes. */
  instances(instanceId: string): string;
  /** string with expiry: taken by whoever does this chore for all workers. */
  lease(chore: string): string;
}

export function redisKeys(prefix: string = defaultPrefix): RedisKeys {
  const ledger = `${prefix}:ledger`;
  return {
    ledger,
    sequence: `${ledger}:sequence`,
    requests: `${ledger}:requests`,
    open: `${ledger}:open`,
    waiting: `${ledger}:waiting`,
    totals: `${ledger}:totals`,
    settled: `${ledger}:settled`,
    unqueued: `${ledger}:unqueued`,
    pools: `${ledger}:pools`,
    unqueuedPools: `${ledger}:unqueued-pools`,
    flights: `${ledger}:flights`,
    flightDeadlines: `${ledger}:flight-deadlines`,
    deadLetters: `${ledger}:dead-letters`,
    deadLetterIndex: `${ledger}:dead-letter-index`,
    deadLetterCounts: `${ledger}:dead-letter-counts`,
    deadLetterOutbox: `${ledger}:dead-letter-outbox`,
    deadLetterOrder: `${ledger}:dead-letter-order`,
    deadLetterSequence: `${ledger}:dead-letter-sequence`,
    handledLetters: `${ledger}:handled-letters`,
    audit: `${prefix}:audit`,
    webhookOutbox: `${ledger}:webhook-outbox`,
    readBackDue: `${ledger}:read-back-due`,
    sessionKey: `${prefix}:session-key`,
    store: `${prefix}:store`,
    format: `${prefix}:format`,
    held: `${prefix}:held`,
    blocked: `${prefix}:blocked`,
    paused: `${prefix}:paused`,
    liveLimit: `${prefix}:call-limit`,
    workers: `${prefix}:workers`,
    calls: `${prefix}:calls`,
    request: (requestId) => `${ledger}:request:${requestId}`,
    pool: (region, invocationId) => `${ledger}:pool:${region}|${invocationId}`,
    later: (region, invocationId) => `${ledger}:later:${region}|${invocationId}`,
    staged: (id) => `${ledger}:staged:${id}`,
    accepted: (region, invocationId) => `${ledger}:accepted:${region}|${invocationId}`,
    instances: (instanceId) => `${ledger}:instances:${instanceBucketOf(instanceId)}`,
    lease: (chore) => `${prefix}:lease:${chore}`,
  };
}

/** Which hash of the look-up by instance holds an id. FNV-1a: stable over processes and versions, and even enough for ids that are random anyway. */
export function instanceBucketOf(instanceId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < instanceId.length; index++) {
    hash ^= instanceId.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % instanceBuckets;
}
