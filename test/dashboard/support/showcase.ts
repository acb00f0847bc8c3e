import { CallHistory, type CallNote } from '../../../src/shared/call-history.js';
import type { PageScene } from './page-scene.js';
import { prefix, region } from './page-scene.js';

export interface Showcase {
  /** Finished, with dead letters. */
  readonly finishedId: string;
  /** Under way. */
  readonly runningId: string;
  /** Under way for some minutes yet. */
  readonly backlogId: string;
  readonly instanceId: string;
}

/** A morning at work: requests of every state, dead letters of several causes, and ten minutes of made-up calls. */
export async function setUpShowcase(scene: PageScene, { calls = 150 } = {}): Promise<Showcase> {
  const { producer, simulator } = scene;
  await fillHistory(scene);
  const targets = targetsOf(scene, 12, 200, ['running', 'running', 'running', 'finished', 'pending']);
  const [first] = targets;
  const finished = await producer.enqueue({
    targets: [
      ...targets,
      ...strangers(targets.slice(0, 6)),
      { invocationId: 'inv-n0such0ne', instanceIds: ['ins-4f5a6b7c'] },
    ],
    reason: 'Bad agent configuration rolled out, INC-4711',
    requestedBy: 'deploy-bot',
    label: 'incident-4711',
  });
  await producer.waitUntilFinished(finished.requestId);
  await producer.pause();
  const mistaken = await producer.enqueue({
    targets: targetsOf(scene, 2, 150, ['running']),
    reason: 'Wrong fleet: meant staging',
    requestedBy: 'li.na',
  });
  await producer.withdraw(mistaken.requestId);
  const backlog = await producer.enqueue({
    targets: targetsOf(scene, 2_400, 3, ['running']),
    priority: 'low',
    reason: 'Nightly inventory scripts, no longer wanted',
    requestedBy: 'cron',
  });
  const running = await producer.enqueue({
    targets: targetsOf(scene, 400, 40, ['running', 'running', 'running', 'running', 'finished']),
    reason: 'Disk clean-up deletes too much, INC-4713',
    requestedBy: 'wang.wei',
    priority: 'urgent',
  });
  await producer.resume();
  simulator.record.clear();
  await simulator.record.waitForCalls(calls, 'CancelInvocation');
  return {
    finishedId: finished.requestId,
    runningId: running.requestId,
    backlogId: backlog.requestId,
    instanceId: first?.instanceIds[7] ?? '',
  };
}

type Life = 'running' | 'finished' | 'pending';

function targetsOf(scene: PageScene, count: number, instances: number, lives: readonly Life[]) {
  const exceptions = Object.fromEntries(
    Array.from({ length: instances }, (_, index) => [index, lives[index % lives.length] ?? 'running']),
  );
  return scene.simulator
    .addInvocations(count, { instances, region, exceptions })
    .map(({ invocationId, instanceIds }) => ({ region, invocationId, instanceIds: [...instanceIds] }));
}

/** Instances that their invocations never ran on. */
function strangers(targets: readonly { invocationId: string }[]) {
  return targets.map(({ invocationId }, index) => ({
    region,
    invocationId,
    instanceIds: [`ins-stranger${index}`],
  }));
}

/** Two bursts at the limit, a quiet stretch, and a moment in which somebody else used the limit, too. */
async function fillHistory({ client }: PageScene): Promise<void> {
  const notes: CallNote[] = [];
  for (let age = 590; age > 15; age--) {
    const calls =
      age > 420 ? 19 + (age % 5 === 0 ? 1 : 0) : age > 330 ? (age * 7) % 4 : age > 120 ? 19 : (age * 5) % 3;
    for (let call = 0; call < calls; call++) {
      const refused = age > 205 && age < 212 && call % 6 === 0;
      notes.push({
        ageMs: age * 1_000 + call * 40,
        instances: refused ? 0 : 60 + ((age * call) % 41),
        refused,
      });
    }
  }
  await new CallHistory(client, prefix).record(notes);
}
