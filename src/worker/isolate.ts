import type { CallResult } from '../cloud/tat-client.js';
import type { Failure } from '../shared/failure.js';

/** What isolating found out about some of the ids of a refused call. */
export type IsolationNews =
  | { kind: 'accepted'; instanceIds: readonly string[]; cloudRequestId: string }
  | { kind: 'guilty'; instanceIds: readonly string[]; failure: Failure }
  /** Passing trouble or a fault of the set-up came in between: these are to be tried again another time. */
  | { kind: 'unresolved'; instanceIds: readonly string[]; failure: Failure };

export interface IsolationSteps {
  /** Sends some of the ids in a call of their own; never fails for the call limit. */
  send(instanceIds: readonly string[]): Promise<CallResult<undefined>>;
  /** The instances that the invocation runs on, or undefined when that can't be told. */
  readMembers(): Promise<ReadonlySet<string> | undefined>;
  /** Called as soon as something is known; what was accepted is worth writing down at once. */
  tell(news: IsolationNews): Promise<void>;
}

/** The code of an instance that the read-back shows to be none of the invocation's. */
const strangerCode = 'InvalidParameterValue.InstanceIsNotRelatedToInvocation';

/**
 * A call with several ids was refused as a whole. Finds the guilty ones and gets everybody else's cancel through:
 * one look at the invocation's members where that helps, halving where it does not. With k guilty among n, halving
 * costs about k·log2(n/k) + 2k further calls.
 */
export async function isolate(
  instanceIds: readonly string[],
  failure: Failure,
  steps: IsolationSteps,
): Promise<void> {
  if (isCommonFate(failure) || instanceIds.length === 1) {
    await steps.tell({ kind: 'guilty', instanceIds, failure });
    return;
  }
  const members = await steps.readMembers();
  const strangers = members === undefined ? [] : instanceIds.filter((id) => !members.has(id));
  if (strangers.length === 0) {
    await halve(instanceIds, failure, steps);
    return;
  }
  await steps.tell({ kind: 'guilty', instanceIds: strangers, failure: asStranger(failure) });
  const rest = instanceIds.filter((id) => members?.has(id));
  if (rest.length > 0) await sendOrIsolate(rest, steps);
}

/** Nothing in the list of ids is to blame, so taking it apart would only cost calls. */
function isCommonFate(failure: Failure): boolean {
  return failure.scope !== 'unknown';
}

function asStranger(failure: Failure): Failure {
  if (failure.code === strangerCode) return failure;
  return { ...failure, code: strangerCode, message: 'The invocation does not run on this instance.' };
}

/** Sends ids that may all be good; returns when each of them is told. */
async function sendOrIsolate(instanceIds: readonly string[], steps: IsolationSteps): Promise<void> {
  const result = await steps.send(instanceIds);
  if (result.ok) {
    await steps.tell({ kind: 'accepted', instanceIds, cloudRequestId: result.cloudRequestId });
  } else if (result.failure.class !== 'dead') {
    await steps.tell({ kind: 'unresolved', instanceIds, failure: result.failure });
  } else if (isCommonFate(result.failure)) {
    await steps.tell({ kind: 'guilty', instanceIds, failure: result.failure });
  } else {
    await halve(instanceIds, result.failure, steps);
  }
}

/** Asks the cloud about the last suspect: whatever it refuses now, it refuses for this one. */
async function sendOne(instanceIds: readonly string[], steps: IsolationSteps): Promise<void> {
  const result = await steps.send(instanceIds);
  if (result.ok) {
    await steps.tell({ kind: 'accepted', instanceIds, cloudRequestId: result.cloudRequestId });
  } else {
    const kind = result.failure.class === 'dead' ? 'guilty' : 'unresolved';
    await steps.tell({ kind, instanceIds, failure: result.failure });
  }
}

/**
 * Finds one guilty id by halving: when the first half goes through, the second must hold one, and is halved in turn. The
 * last one is asked alone before it is blamed. Whatever was set aside on the way is then sent together, and taken apart in turn if it fails.
 */
async function halve(
  instanceIds: readonly string[],
  firstFailure: Failure,
  steps: IsolationSteps,
): Promise<void> {
  let suspects = instanceIds;
  let failure = firstFailure;
  let setAside: readonly string[] = [];
  let wasAsked = true;
  while (suspects.length > 1) {
    const middle = Math.ceil(suspects.length / 2);
    const [half, others] = [suspects.slice(0, middle), suspects.slice(middle)];
    const result = await steps.send(half);
    if (result.ok) {
      await steps.tell({ kind: 'accepted', instanceIds: half, cloudRequestId: result.cloudRequestId });
      suspects = others;
      wasAsked = false;
    } else if (result.failure.class === 'dead') {
      failure = result.failure;
      suspects = half;
      wasAsked = true;
      setAside = [...others, ...setAside];
    } else {
      await steps.tell({
        kind: 'unresolved',
        instanceIds: [...suspects, ...setAside],
        failure: result.failure,
      });
      return;
    }
  }
  // What everybody else's success makes a suspect is asked, too: the refusal may have been a mistake of the cloud.
  if (wasAsked) await steps.tell({ kind: 'guilty', instanceIds: suspects, failure });
  else await sendOne(suspects, steps);
  if (setAside.length > 0) await sendOrIsolate(setAside, steps);
}
