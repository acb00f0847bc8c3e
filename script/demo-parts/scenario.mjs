// What goes on in the demo: the commands that run in the simulated cloud, what goes wrong there, and what is asked for.

export const region = 'ap-singapore';
export const invocations = 25;
export const instancesPerInvocation = 200;
/** The API's limit, which the workers share. */
export const callsPerSecond = 20;
export const instances = invocations * instancesPerInvocation;

export const simulatorFlags = {
  seed: 7,
  region,
  invocations,
  'instances-per-invocation': instancesPerInvocation,
  'latency-min-ms': 50,
  'latency-max-ms': 150,
  // Every task is to be stopped by the demo: none has ended by itself.
  'finished-share': 0,
  'ignores-first-cancel-share': 0,
};

/** A call each, for two seconds of calls: a process that has just started is slow at all that it does for the first time. */
export const warmUp = { count: 40, instances: 1 };

/**
 * Which calls go wrong, by their number, so that every run meets the same. LimitExceeded is answered with a long back-off,
 * so it comes early. RequestLimitExceeded slows all workers, so it comes when nearly all is done.
 */
export const faults = [
  { code: 'InternalError', calls: [5, 12, 19, 26, 33, 40, 47] },
  { code: 'LimitExceeded', calls: [2, 9] },
  { code: 'RequestLimitExceeded', calls: [62] },
];

/** Instances that are asked for under invocations which do not have them, by the position of the invocation. */
const strangers = new Map([
  [3, 'ins-stranger1'],
  [11, 'ins-stranger2'],
  [19, 'lhins-stranger3'],
]);
const unknownInvocation = 'inv-n0such0ne';

/** What an operator's list holds that was made by hand: nearly all of it is right. */
export function addMistakes(targets) {
  return [
    ...targets.map((target, position) => ({
      ...target,
      instanceIds: [...(strangers.has(position) ? [strangers.get(position)] : []), ...target.instanceIds],
    })),
    { region, invocationId: unknownInvocation, instanceIds: ['ins-stranger4'] },
  ];
}

/** The dead letters that there must be, as `invocation instance`. */
export function expectedDeadLetters(targets) {
  const ofStrangers = [...strangers].map(([position, id]) => `${targets[position].invocationId} ${id}`);
  return [...ofStrangers, `${unknownInvocation} ins-stranger4`];
}
