/** More than this is stopped only after its number was typed. */
export const askAbove = 1_000;

/** The cloud runs one invocation on at most so many instances. */
const instancesPerInvocation = 200;

/** The most instances that a request can reach; whole invocations are taken at their largest. */
export function mostInstances({
  instances,
  wholeInvocations,
}: {
  readonly instances: number;
  readonly wholeInvocations: number;
}): number {
  return instances + wholeInvocations * (instancesPerInvocation - 1);
}

export function needsTyping(size: {
  readonly instances: number;
  readonly wholeInvocations: number;
}): boolean {
  return mostInstances(size) > askAbove;
}

/** Whether the number was typed, with or without separators. */
export function isTyped(text: string, count: number): boolean {
  return text.replace(/[\s,.’']/g, '') === String(count);
}
