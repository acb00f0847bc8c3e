import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { Job, type Queue } from 'bullmq';
import type { DeadLetterStore } from '../../shared/dead-letters/index.js';
import type { CancelJobData, DeadLetter } from '../../shared/schemas.js';
import type { WebhookJobData } from '../../shared/webhook.js';
import type { Backend } from '../backend.js';

/** The queues as the board shows them: in our words, with a way to the page of their request. */
export function createBoardQueues({
  queue,
  deadLetters,
  projection,
  webhookQueue,
}: Backend): BullMQAdapter[] {
  const cancels = new BullMQAdapter(queue.queue, {
    ...commonOptions,
    displayName: 'Cancel jobs',
    description: 'Invocations with instances that wait for a cancel, whoever asked for them',
    allowRetries: false, // a job of ours that failed is taken up by the workers themselves
    externalJobUrl: ({ data }: { data?: { invocationId?: unknown } | undefined }) => ({
      displayText: 'Requests',
      href: `/requests?search=${encodeURIComponent(String(data?.invocationId ?? ''))}`,
    }),
  });
  cancels.setFormatter('name', (({ data }: { data: CancelJobData }) => data.invocationId) as never);
  cancels.setFormatter('data', ({ region, invocationId, priority }: CancelJobData) => ({
    invocation: invocationId,
    region,
    priority,
  }));
  const dead = new DeadLetterBoardQueue(projection.queue, deadLetters.store, {
    ...commonOptions,
    displayName: 'Dead letters',
    description: 'The latest of what could not be carried out; a retry here is a redrive',
    allowCompletedRetries: false,
  } as never);
  dead.setFormatter('name', ((job: { data: DeadLetter }) => describeLetter(job.data)) as never);
  dead.setFormatter('data', (letter: DeadLetter) => ({
    request: letter.requestId,
    invocation: letter.target.invocationId,
    region: letter.target.region,
    instances: letter.target.instanceIds?.join(', ') ?? 'all of the invocation',
    error: `${letter.error.code}: ${letter.error.message}`,
    attempts: letter.attempts,
    died: letter.deadAt,
  }));
  const webhooks = new BullMQAdapter(webhookQueue, {
    ...commonOptions,
    displayName: 'Notifications',
    description: 'Sent when a request that asked for one is finished',
    allowRetries: false,
  });
  webhooks.setFormatter('data', (data: WebhookJobData) => ({ request: data.requestId }));
  return [cancels, dead, webhooks];
}

const commonOptions = {
  externalJobUrl: ({ data }: { data?: { requestId?: unknown } | undefined }) => ({
    displayText: 'Request',
    href: `/requests/${encodeURIComponent(String(data?.requestId ?? ''))}`,
  }),
} as const;

function describeLetter({ error, target }: DeadLetter): string {
  return `${error.code}: ${countOf(target.instanceIds?.length)} of ${target.invocationId}`;
}

/** Undefined: a whole invocation. */
function countOf(instances: number | undefined): string {
  if (instances === undefined) return 'all instances';
  return instances === 1 ? '1 instance' : `${instances} instances`;
}

/** Nobody takes dead letters from their queue, so BullMQ has them as waiting. To people they are failures. */
class DeadLetterBoardQueue extends BullMQAdapter {
  constructor(
    private readonly shown: Queue<DeadLetter>,
    private readonly store: DeadLetterStore,
    options: ConstructorParameters<typeof BullMQAdapter>[1],
  ) {
    super(shown, options);
  }

  override getJobStatuses() {
    return ['failed'] as ReturnType<BullMQAdapter['getJobStatuses']>;
  }

  override async getJobCounts() {
    return { failed: await this.shown.getWaitingCount() } as Awaited<
      ReturnType<BullMQAdapter['getJobCounts']>
    >;
  }

  override async getJobs(_statuses: unknown, start?: number, end?: number): Promise<Job[]> {
    const ids = await this.shown.getRanges(['waiting'], start, end, true);
    const jobs = await Promise.all(ids.map((id) => this.getJob(id)));
    return jobs.filter((job) => job !== undefined);
  }

  /** As the ledger has it: whatever was done to the job by hand, it hides nothing. */
  override async getJob(id: string): Promise<Job | undefined> {
    const letter = await this.store.read(id);
    if (letter === undefined) return undefined;
    const timestamp = Date.parse(letter.firstSeenAt);
    return asFailed(new Job(this.shown, letter.error.code, letter, { timestamp }, id));
  }
}

function asFailed(job: Job<DeadLetter>): Job<DeadLetter> {
  job.failedReason = `${job.data?.error?.code}: ${job.data?.error?.message}`;
  job.getState = async () => 'failed';
  return job;
}
