import { callsPerSecond, instances } from './scenario.mjs';

/** How many tasks the simulator has as stopped. */
export function countStopped({ tasksByStatus }) {
  return (tasksByStatus.TERMINATED ?? 0) + (tasksByStatus.CANCELLED ?? 0);
}

/**
 * Holds what the simulator and the dead letters say against what must be. The rate is what two workers reach where they
 * get processor and disk in time, so it is judged only there.
 * @returns rows of `{ figure, found, wanted, isRight }`
 */
export function judge({ stopped, calls, deadLetters, wantedDeadLetters, machine }) {
  const found = deadLetters.flatMap(namesOf).sort();
  const wanted = [...wantedDeadLetters].sort();
  const leastRate = 0.95 * callsPerSecond;
  const rate = calls.backlogCallsPerSecond;
  return [
    {
      figure: 'instances stopped, as the API sees them',
      found: count(stopped),
      wanted: count(instances),
      isRight: stopped === instances,
    },
    {
      figure: 'dead letters: strangers, unknown invocation',
      found: count(found.length),
      wanted: count(wanted.length),
      isRight: JSON.stringify(found) === JSON.stringify(wanted),
    },
    { figure: 'cancel calls', found: count(calls.cancels) },
    { figure: 'of them refused by the API', found: count(calls.refused) },
    { figure: 'read-back calls', found: count(calls.readBacks) },
    {
      figure: 'most cancel calls in any sliding second',
      found: count(calls.mostInAnySecond),
      wanted: `at most ${callsPerSecond}`,
      isRight: calls.mostInAnySecond <= callsPerSecond,
    },
    {
      figure: `cancel calls/s while work waited (${calls.backlog})`,
      found: rate.toFixed(1),
      ...(machine.isBusy(calls.cancels)
        ? {}
        : { wanted: `at least ${leastRate}`, isRight: rate >= leastRate }),
    },
  ];
}

export function describeRows(rows) {
  return rows
    .map(({ figure, found, wanted, isRight }) => {
      const measured = `  ${figure.padEnd(54)} ${found.padStart(8)}`;
      return wanted === undefined ? measured : `${measured}   ${isRight ? '✓' : '✗'} ${wanted}`;
    })
    .join('\n');
}

export function describeDeadLetters(deadLetters) {
  return deadLetters
    .flatMap((letter) =>
      namesOf(letter).map(
        (name) => `  ${name.padEnd(32)} ${letter.error.code}\n      ${letter.error.message}`,
      ),
    )
    .join('\n');
}

function namesOf({ target }) {
  const { invocationId, instanceIds = ['all'] } = target;
  return instanceIds.map((instanceId) => `${invocationId} ${instanceId}`);
}

function count(number) {
  return number.toLocaleString('en');
}
