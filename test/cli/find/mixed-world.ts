import type { Behaviour } from '../../../src/simulator/index.js';
import type { FindSession } from './find-session.js';

export const badCommand = 'cmd-badbad01';

/** What has to be cancelled, by invocation: the instances, or `whole`. */
export type Expected = Map<string, readonly string[] | 'whole'>;

interface Kind {
  readonly behaviour: Behaviour;
  readonly exceptions?: Readonly<Record<string, Behaviour>>;
  /** Positions that somebody has cancelled before. */
  readonly cancelled?: readonly number[];
  /** Positions that have not finished; all three of them mean the whole invocation. */
  readonly open: readonly number[];
}

const ended = (ending: 'SUCCESS' | 'FAILED' | 'TIMEOUT' | 'DELIVER_FAILED' | 'START_FAILED'): Behaviour => ({
  runMs: 0,
  ending,
});

/** Every state that an invocation of three tasks can be in, the finished ones several times as often. */
const kinds: readonly Kind[] = [
  { behaviour: 'running', open: [0, 1, 2] },
  { behaviour: 'pending', open: [0, 1, 2] },
  { behaviour: { deliveringMs: 'never' }, open: [0, 1, 2] },
  { behaviour: { deliveringMs: 'never', deliverDelayed: true }, open: [0, 1, 2] },
  { behaviour: 'agentGone', cancelled: [0, 1, 2], open: [0, 1, 2] },
  { behaviour: ended('SUCCESS'), exceptions: { 1: 'running' }, open: [1] },
  { behaviour: 'pending', exceptions: { 0: ended('FAILED') }, open: [1, 2] },
  ...Array.from({ length: 3 }, (): Kind[] => [
    { behaviour: ended('SUCCESS'), open: [] },
    { behaviour: ended('FAILED'), open: [] },
    { behaviour: ended('TIMEOUT'), open: [] },
    { behaviour: ended('DELIVER_FAILED'), open: [] },
    { behaviour: ended('START_FAILED'), open: [] },
    { behaviour: { cancelMs: 'never', agentTimeoutMs: 0 }, cancelled: [0, 1, 2], open: [] }, // TASK_TIMEOUT
    { behaviour: 'pending', cancelled: [0, 1, 2], open: [] }, // CANCELLED
    { behaviour: { cancelMs: 0 }, cancelled: [0, 1, 2], open: [] }, // TERMINATED
    { behaviour: ended('SUCCESS'), exceptions: { 2: ended('FAILED') }, open: [] }, // PARTIAL_FAILED
    { behaviour: 'pending', exceptions: { 2: ended('SUCCESS') }, cancelled: [0, 1], open: [] }, // PARTIAL_CANCELLED
  ]).flat(),
];

/** Fills the world with invocations of the bad command in all states, and tells what of them is unfinished. */
export function layOutMixedWorld(session: FindSession, invocations: number): Expected {
  const expected: Expected = new Map();
  for (let number = 0; number < invocations; number++) {
    const { open, cancelled = [], ...kind } = kinds[number % kinds.length]!;
    const { region, invocationId, instanceIds } = session.add({
      ...kind,
      instances: 3,
      ageMs: number * 1_000,
      command: { commandId: badCommand, commandName: 'bad rollout' },
    });
    const invocation = session.simulator.world.find(region, invocationId);
    for (const position of cancelled) invocation?.cancel(position, Date.now());
    if (open.length === 3) expected.set(invocationId, 'whole');
    else if (open.length > 0) {
      expected.set(
        invocationId,
        open.map((position) => instanceIds[position]!),
      );
    }
  }
  return expected;
}
