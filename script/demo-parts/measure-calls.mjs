/**
 * What the simulator's log says of the calls, which it lists in the order of their answers. Those of the warm-up come
 * first; they count for the limit only.
 */
export function measureCalls(log, warmUpCalls) {
  const calls = log.slice(warmUpCalls);
  const cancels = cancelsOf(calls);
  const backlog = takeWhileWorkWaited(cancels);
  return {
    cancels: cancels.length,
    refused: cancels.filter(({ code }) => code !== 'OK').length,
    readBacks: calls.filter(({ action }) => action === 'DescribeInvocations').length,
    mostInAnySecond: countMostInAnySecond(cancelsOf(log).map(({ atMs }) => atMs)),
    backlog: backlog.length,
    backlogCallsPerSecond: ((backlog.length - 1) * 1_000) / (backlog.at(-1).atMs - backlog[0].atMs),
  };
}

/**
 * The calls of the time in which work waited at every moment: up to the last one that sent an instance for the first time.
 * What follows are repetitions, each of which has to wait for its time, so gaps between them are meant. A refusal that asks
 * everybody to slow down is obeyed, so what came after one is left out.
 */
function takeWhileWorkWaited(cancels) {
  const sent = new Set();
  let waited = 0;
  for (const [position, { invocationId, instanceIds = [], code }] of cancels.entries()) {
    const before = sent.size;
    for (const instanceId of instanceIds) sent.add(`${invocationId} ${instanceId}`);
    if (sent.size > before) waited = position + 1;
    if (code === 'RequestLimitExceeded') break;
  }
  return cancels.slice(0, waited);
}

function cancelsOf(calls) {
  return calls
    .filter(({ action }) => action === 'CancelInvocation')
    .sort((one, other) => one.atMs - other.atMs);
}

/** Two calls that are a full second apart are not within one. */
function countMostInAnySecond(ascendingMs) {
  let first = 0;
  let most = 0;
  for (const [last, atMs] of ascendingMs.entries()) {
    while (atMs - ascendingMs[first] >= 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
