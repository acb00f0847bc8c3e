// The process behind FaultWorker: the built worker on the real client, logging to stderr as in production, until SIGTERM.
// Options come as JSON in argv[2]; see FaultWorkerInput in fault-worker.ts.
import { Queue } from 'bullmq';
import { createCredentialSource } from '../../dist/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../dist/cloud/sdk-tat-client.js';
import { DeadLetterProjection } from '../../dist/shared/dead-letters/index.js';
import { Ledger, PoolLedger } from '../../dist/shared/ledger/index.js';
import { createLogger } from '../../dist/shared/logger.js';
import { CancelWorker } from '../../dist/worker/cancel-worker.js';

const { redisUrl, prefix, simulatorUrl, dieAt, changes } = JSON.parse(process.argv[2]);
const logger = createLogger({ level: changes.logLevel ?? 'info', name: 'fault-worker' });

// As in production: an error that nobody caught ends the process, and the reason is in the log.
for (const event of ['unhandledRejection', 'uncaughtException']) {
  process.on(event, (error) => {
    process.stderr.write(
      `${JSON.stringify({ level: 60, msg: event, stack: String(error?.stack ?? error) })}\n`,
    );
    process.exit(70);
  });
}

const die = () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {}); // nothing of it runs any further
};

/** Named points at which this process dies like in a crash. */
const deaths = {
  'before the answer is written down': () => {
    const settle = Ledger.prototype.settle;
    Ledger.prototype.settle = function (report) {
      const isAnswer = report.callId !== undefined && report.moves.length > 0;
      return isAnswer ? die() : settle.call(this, report);
    };
  },
  'after the answer is written down': () => {
    const settle = Ledger.prototype.settle;
    Ledger.prototype.settle = async function (report) {
      const settled = await settle.call(this, report);
      if (report.callId !== undefined && report.moves.length > 0) await die();
      return settled;
    };
  },
  'before the dead letter is shown': () => {
    DeadLetterProjection.prototype.refresh = async function () {
      if (await this.client.exists(`${prefix}:ledger:dead-letters`)) await die();
    };
  },
  'before the queue forgets the failed job': () => {
    Queue.prototype.remove = die;
  },
  'after the claim': () => {
    const claim = PoolLedger.prototype.claim;
    PoolLedger.prototype.claim = async function (what) {
      const result = await claim.call(this, what);
      if (result.flight !== undefined) await die();
      return result;
    };
  },
};
if (dieAt !== undefined) deaths[dieAt]();

const callTimeoutMs = changes.callTimeoutMs ?? 2_000;
const worker = new CancelWorker({
  redisUrl,
  queuePrefix: prefix,
  client: createSdkTatClient({
    endpoint: simulatorUrl,
    timeoutMs: callTimeoutMs,
    credentials: createCredentialSource({
      secretId: 'AKIDSIMULATOR',
      secretKey: 'simulator-secret-key',
      cvmRole: 'never',
    }),
  }),
  accessPointOf: () => 'simulator',
  callsPerSecond: 20,
  concurrency: 500,
  callsInFlight: 10,
  attempts: 8,
  callTimeoutMs,
  confirm: true,
  retentionHours: 168,
  webhookAllowPrivate: true,
  logger,
  workerName: `fault-worker-${process.pid}`,
  ...changes,
});

process.on('SIGTERM', () => {
  void worker.close(changes.graceMs ?? 10_000).then(() => process.disconnect?.()); // nothing else may keep it alive now
});
process.on('disconnect', () => process.exit()); // whoever started it is gone

const eaten = [];
process.on('message', ({ kind, forMs }) => {
  if (kind === 'block') {
    const until = performance.now() + forMs;
    while (performance.now() < until);
  } else if (kind === 'eat memory') {
    for (;;) eaten.push(Array.from({ length: 100_000 }, () => ({})));
  }
});

worker.start();
process.send('started');
