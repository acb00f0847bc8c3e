import { countOf, formatCount } from '../format/format-count.js';

/** More than this is stopped only after its number was typed. */
export const askAbove = 1_000;

/** The cloud runs one invocation on at most so many instances. */
const instancesPerInvocation = 200;

export interface RequestSize {
  /** Those that are named; whole invocations are not among them. */
  readonly instances: number;
  readonly wholeInvocations: number;
}

/** The most instances that a request can reach; whole invocations are taken at their largest. */
export function mostInstances({ instances, wholeInvocations }: RequestSize): number {
  return instances + wholeInvocations * instancesPerInvocation;
}

export function needsTyping(size: RequestSize): boolean {
  return mostInstances(size) > askAbove;
}

/** Whether the number was typed, with or without separators. */
export function isTyped(text: string, count: number): boolean {
  return text.replace(/[\s,.’']/g, '') === String(count);
}

/** `5,000 instances`, `3 whole invocations`, or both. */
export function describeSize({ instances, wholeInvocations }: RequestSize): string {
  const whole = `${formatCount(wholeInvocations)} whole ${wholeInvocations === 1 ? 'invocation' : 'invocations'}`;
  return [
    ...(instances > 0 ? [countOf(instances, 'instance')] : []),
    ...(wholeInvocations > 0 ? [whole] : []),
  ].join(' and ');
}

/** The same as a figure that has its name beside it. */
export function describeInstances({ instances, wholeInvocations }: RequestSize): string {
  const whole = `all of ${countOf(wholeInvocations, 'invocation')}: up to ${formatCount(instancesPerInvocation)} each`;
  return [...(instances > 0 ? [formatCount(instances)] : []), ...(wholeInvocations > 0 ? [whole] : [])].join(
    ', and ',
  );
}
