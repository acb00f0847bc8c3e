import type { FaultRule, Simulator } from '../../../src/simulator/index.js';
import { sourceFor } from './mix-features.js';
import { spuriousCode } from './mix-judge.js';
import type { MixPlan } from './mix-plan.js';

const brokenShare = 0.08;
/** Error texts are cut at about this length. */
const cutLength = 500;

type Effect = Omit<FaultRule, 'action' | 'share'>;

/** Answers that a call may get at any time, and that say nothing of its targets. */
const effects: readonly Effect[] = [
  { answer: 'reset' },
  { answer: 'reset', executes: true },
  { answer: 'hang' },
  { answer: 'hang', executes: true },
  { answer: 'cut-body', executes: true },
  { answer: 'cut-chunked-body', executes: true },
  { answer: 'empty-body' },
  { answer: 'not-json', executes: true },
  { answer: 'empty-object' },
  { answer: 'no-request-id' },
  { http: 500 },
  { http: 502, executes: true },
  { http: 503 },
  { http: 504, executes: true },
  { code: 'RequestLimitExceeded' },
  { code: 'FailedOperation' },
  { code: 'BrandNew.Trouble' },
  ...[-3, -2, -1, 0, 1].map((offset) => ({ code: 'InternalError', message: emojiText(cutLength + offset) })),
];

/** Tells the simulator what goes wrong from the beginning. The first rule that hits a call decides. */
export function addMixFaults({ faults, credentials }: Simulator, plan: MixPlan): void {
  const { secretId } = credentials.first();
  credentials.update(secretId, { deniedInvocations: plan.refusedInvocations });
  const random = sourceFor(plan.seed, 'faults');
  const cursed = random.pick<Effect>([
    { code: 'InternalError', message: emojiText(cutLength - 1) },
    { code: 'ResourceUnavailable.AgentStatusNotOnline' },
    { http: 500 },
    { answer: 'reset' },
    { answer: 'hang' },
  ]);
  for (const invocationId of plan.cursedInvocations)
    faults.always('CancelInvocation', { invocationId, ...cursed });
  const number = random.between(1, 8);
  if (plan.features.has('spurious')) {
    faults.add({ action: 'CancelInvocation', code: spuriousCode, calls: [number] });
  }
  if (plan.features.has('broken')) addBrokenAnswers({ faults });
}

export function addBrokenAnswers({ faults }: Pick<Simulator, 'faults'>): void {
  const share = brokenShare / effects.length;
  for (const effect of effects) faults.add({ action: 'CancelInvocation', share, ...effect });
  for (const effect of effects) faults.add({ action: 'DescribeInvocations', share: share / 2, ...effect });
  for (const effect of effects)
    faults.add({ action: 'DescribeInvocationTasks', share: share / 2, ...effect });
}

/** A text whose character at this place takes two places. */
function emojiText(at: number): string {
  return `${'x'.repeat(at)}🙂🙂`;
}
