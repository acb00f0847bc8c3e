/**
 * Starts a command wave by wave, and cancels what was started when a check fails.
 *
 * @param producer a CancelProducer of tat-cancel or tat-cancel-client
 * @param startWave runs the command on these instances and resolves with the invocation's id
 * @param isHealthy looks at the service after each wave
 * @returns undefined when all waves went well, else what became of the request to cancel
 */
export async function rollOut({ rolloutId, waves, producer, startWave, isHealthy }) {
  const started = [];
  for (const instanceIds of waves) {
    started.push(await startWave(instanceIds));
    if (!(await isHealthy())) return await takeBack({ rolloutId, started, producer });
  }
  return undefined;
}

/** Safe to repeat after a crash: one key is one request. */
async function takeBack({ rolloutId, started, producer }) {
  const { requestId } = await producer.enqueue({
    idempotencyKey: `${rolloutId}-take-back`,
    targets: started.map((invocationId) => ({ invocationId })), // whole invocations
    priority: 'urgent',
    label: rolloutId,
    reason: 'the check after a wave failed',
  });
  return await producer.waitUntilFinished(requestId);
}
