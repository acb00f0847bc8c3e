import { randomUUID } from 'node:crypto';
import { CancelProducer, type CancelRequest } from '../../src/producer/index.js';
import { Ledger, type LedgerMove } from '../../src/shared/ledger/index.js';
import { createRedisClient } from '../../src/shared/redis-connection.js';
import { defaultPrefix } from '../../src/shared/redis-keys.js';
import { answerParent } from './helper-process.js';

// Fills an installation the way that producers and workers do, only faster: through the producer and the ledger.

const region = 'ap-singapore';
const atATime = 50;
const codes = [
  'ResourceNotFound.InvocationNotFound',
  'InvalidParameterValue.InstanceIsNotRelatedToInvocation',
  'NotConfirmed',
  'UnauthorizedOperation.CamAuthFailed',
];

const api = {
  /** Requests with one invocation each, all of them waiting. */
  async addRequests(input: { redisUrl: string; count: number; instances: number }): Promise<void> {
    const producer = await CancelProducer.connect({ redisUrl: input.redisUrl, timeoutMs: 30_000 });
    await inTurns(input.count, async (index) => {
      await producer.enqueue(requestOf(index, input.instances));
    });
    await producer.close();
  },

  /** One large request; tells its id. */
  async addLargeRequest(input: { redisUrl: string; instances: number }): Promise<string> {
    const producer = await CancelProducer.connect({ redisUrl: input.redisUrl, timeoutMs: 30_000 });
    const { requestId } = await producer.enqueue(requestOf(3_000_000, input.instances));
    await producer.close();
    return requestId;
  },

  /** Requests of a hundred instances, each of which ends as a dead letter of its own. */
  async addLetters({ redisUrl, count }: { redisUrl: string; count: number }): Promise<void> {
    const producer = await CancelProducer.connect({ redisUrl, timeoutMs: 30_000 });
    const client = createRedisClient({ url: redisUrl, patience: 'bounded', connectionName: 'scale-seeder' });
    await client.connect();
    const ledger = new Ledger(client, defaultPrefix);
    await inTurns(Math.ceil(count / 100), async (index) => {
      const { requestId } = await producer.enqueue(requestOf(1_000_000 + index, 100));
      const moves = Array.from({ length: 100 }, (_, position) => buryOne(requestId, position));
      await ledger.settle({ landed: true, leaseMs: 0, calls: 1, sentAt: Date.now(), moves });
    });
    await producer.close();
    client.disconnect();
  },
};

export type ScaleSeeder = typeof api;

/** Which instance the n-th request asks for at a position. */
export function seededInstanceId(request: number, position: number): string {
  return `ins-${(request * 200 + position).toString(36).padStart(8, '0')}`;
}

export function seededInvocationId(request: number): string {
  return `inv-${request.toString(36).padStart(8, '0')}`;
}

function requestOf(index: number, instances: number): CancelRequest {
  return {
    region,
    targets: [
      {
        invocationId: seededInvocationId(index),
        instanceIds: Array.from({ length: instances }, (_, position) => seededInstanceId(index, position)),
      },
    ],
    reason: `rollout ${index} went wrong`,
    requestedBy: `service-${index % 20}`,
    priority: (['normal', 'low', 'urgent'] as const)[index % 3] ?? 'normal',
  };
}

function buryOne(requestId: string, position: number): LedgerMove {
  const ref = `${requestId}.0`;
  const code = codes[position % codes.length] ?? '';
  const message = 'The simulated cloud would say here what is wrong.';
  return {
    kind: 'bury',
    ref,
    mask: `${'.'.repeat(position)}d${'.'.repeat(99 - position)}`,
    only: 'w',
    attempt: { at: Date.now(), worker: 'scale-seeder', code, message },
    letterId: `${ref}.${randomUUID().slice(0, 8)}`,
    letter: { requestId, jobId: ref, code, message },
  };
}

async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const some = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atATime }, some));
}

if (process.send !== undefined) answerParent(api);
