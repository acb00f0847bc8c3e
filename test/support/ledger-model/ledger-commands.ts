import fc from 'fast-check';
import type { Flight } from '../../../src/shared/ledger/index.js';
import { poolJobIdOf } from '../../../src/shared/pool-job.js';
import { checkLedger } from './check-ledger.js';
import { answerMoves, sightMoves, takeTurns } from './ledger-moves.js';
import { type Answer, answers, type PlainLedger, type Sight, sights } from './plain-ledger.js';
import { type RealLedger, region } from './real-ledger.js';

type LedgerCommand = fc.AsyncCommand<PlainLedger, RealLedger>;

/** Invocations and their members. */
export const members: Readonly<Record<string, readonly string[]>> = {
  'inv-00000001': ['ins-a0000001', 'ins-a0000002', 'ins-a0000003', 'ins-a0000004'],
  'inv-00000002': ['ins-b0000001'],
};
const invocations = Object.keys(members);

/** A step that is checked against the model when it is done. */
class Step implements LedgerCommand {
  constructor(
    private readonly text: string,
    private readonly act: (plain: PlainLedger, real: RealLedger) => Promise<void>,
  ) {}

  check(): boolean {
    return true;
  }

  async run(plain: PlainLedger, real: RealLedger): Promise<void> {
    await this.act(plain, real);
    await checkLedger(plain, real);
  }

  toString(): string {
    return this.text;
  }
}

interface Ask {
  readonly invocation: number;
  /** Which members; none of them: the whole invocation. */
  readonly marks: readonly boolean[];
}

const asks = fc.uniqueArray(
  fc.record({ invocation: fc.nat(1), marks: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }) }),
  { minLength: 1, maxLength: 2, selector: ({ invocation }) => invocation },
);

function accept(
  asked: readonly Ask[],
  confirm: boolean,
  priority: 'urgent' | 'normal' | 'low',
  isTwice: boolean,
) {
  return async (plain: PlainLedger, real: RealLedger) => {
    const requestId = `req-${real.requests++}`;
    const targets = asked.map(({ invocation, marks }) => {
      const invocationId = invocations[invocation] ?? '';
      const chosen = (members[invocationId] ?? []).filter((_id, index) => marks[index]);
      return { region, invocationId, ...(chosen.length === 0 ? {} : { instanceIds: chosen }) };
    });
    const request = {
      requestId,
      fingerprint: requestId,
      priority,
      facts: { confirm: confirm ? '1' : '0', priority },
      jobs: targets,
    };
    for (let times = isTwice ? 2 : 1; times > 0; times--) await real.ledger.accept(request);
    plain.accept(
      requestId,
      confirm,
      targets.map(({ invocationId, instanceIds = ['*'] }) => [invocationId, instanceIds] as const),
    );
  };
}

/** A worker takes a job of the queue and claims what a call can carry. */
function send(index: number) {
  return async (plain: PlainLedger, real: RealLedger) => {
    // Whoever keeps the queue in order comes by in time.
    if (real.queue.size === 0) {
      await requeueLost(real);
      await real.queueJobs();
    }
    const jobs = [...real.queue.values()];
    const job = jobs[index % Math.max(1, jobs.length)];
    const flight = job === undefined ? undefined : await real.claim(job);
    for (const { instance, name } of flight === undefined ? [] : carriedBy(plain, flight)) {
      if (instance === undefined) throw new Error(`a call carries ${name}, which is not there`);
      plain.send(instance);
    }
  };
}

/** What a call has taken, as the model knows it; undefined for what goes on in another part since. */
function carriedBy(plain: PlainLedger, { jobs, invocationId }: Flight) {
  return jobs.flatMap(({ ref, mask, allInstanceIds }) =>
    [...mask].flatMap((mark, at) => {
      const name = allInstanceIds[at] ?? '*';
      return mark === 's'
        ? [{ name: `${ref} ${name}`, instance: plain.findIn(ref, invocationId, name) }]
        : [];
    }),
  );
}

/** News of a call, however late, perhaps written down twice since the first reply was lost, perhaps not the last. */
function answer(index: number, drawn: readonly (Answer | 'later')[], isLast: boolean, isTwice: boolean) {
  return async (plain: PlainLedger, real: RealLedger) => {
    const flight = real.flights[index % Math.max(1, real.flights.length)];
    if (flight === undefined) return;
    // A call for a whole invocation has one answer for all, and the last news of a call leaves nothing open.
    const isEnd = isLast || flight.whole;
    const said = isEnd ? drawn.filter((one) => one !== 'later') : drawn;
    const { moves, told } = answerMoves(
      plain,
      real,
      flight,
      takeTurns(said.length === 0 ? ['return'] : said),
    );
    for (let times = isTwice ? 2 : 1; times > 0; times--) {
      const isOpen = await real.isOpen(flight);
      const wasOpen = await real.report(flight, moves, isEnd);
      if (isOpen !== wasOpen) throw new Error('a claim is open and is not');
      for (const { instance, news } of told) plain.answer(instance, news, wasOpen);
    }
  };
}

/** A call whose claim is over long ago tells that all went well. */
function tellLate(index: number) {
  return async (plain: PlainLedger, real: RealLedger) => {
    const closed: number[] = [];
    for (const [at, flight] of real.flights.entries()) if (!(await real.isOpen(flight))) closed.push(at);
    const at = closed[index % Math.max(1, closed.length)];
    if (at !== undefined) await answer(at, ['accept'], true, false)(plain, real);
  };
}

/** The worker of a call dies, or is cut off; what it carries comes back. Its news may still come, late. */
function lose(index: number, isForgotten: boolean) {
  return async (plain: PlainLedger, real: RealLedger) => {
    const at = index % Math.max(1, real.flights.length);
    const flight = real.flights[at];
    if (flight === undefined) return;
    const wasOpen = await real.isOpen(flight);
    if (isForgotten) real.flights.splice(at, 1);
    await real.expire(flight);
    await real.ledger.releaseOverdue(100);
    if (!wasOpen) return;
    for (const { instance } of carriedBy(plain, flight)) if (instance !== undefined) plain.release(instance);
  };
}

/** A look at the cloud; one that breaks off has only taken what was due. */
function look(drawn: readonly Sight[], breaksOff: boolean) {
  return async (plain: PlainLedger, real: RealLedger) => {
    await real.makeLooksDue();
    const { due } = await real.readBacks.takeDue(10, 60_000);
    if (breaksOff) return;
    const next = takeTurns(drawn);
    for (const target of due) {
      for (const jobRef of target.refs) {
        const ref = `${jobRef.requestId}.${jobRef.position}`;
        await nameMembers(plain, real, ref);
        const { moves, told } = await sightMoves(plain, real, ref, next);
        await real.ledger.settle({ landed: true, leaseMs: 0, calls: 0, sentAt: 0, moves });
        for (const { instance, news } of told) plain.see(instance, news);
      }
      await real.readBacks.putOff(target, 0);
    }
  };
}

async function nameMembers(plain: PlainLedger, real: RealLedger, ref: string): Promise<void> {
  const { requestId, job } = await real.partOf(ref);
  const { invocationId, position } = job;
  if (job.instanceIds !== undefined) return;
  const whole = plain.find(requestId, invocationId, '*');
  const named = await real.readBacks.nameMembers({ requestId, position }, members[invocationId] ?? []);
  if (named !== (whole.state === 'accepted'))
    throw new Error(`members of what is ${whole.state} were named: ${named}`);
  if (named) plain.nameMembers(whole, members[invocationId] ?? []);
}

function withdraw(index: number) {
  return async (plain: PlainLedger, real: RealLedger) => {
    const requests = [...plain.requests.keys()];
    const requestId = requests[index % Math.max(1, requests.length)];
    if (requestId === undefined) return;
    await real.ledger.withdraw(requestId);
    plain.withdraw(requestId);
  };
}

/** By one person, or by two at the same time. */
function deal(kind: 'redrive' | 'discard', index: number, isTwice: boolean) {
  return async (plain: PlainLedger, real: RealLedger) => {
    const letters = await real.operator.letters();
    const letter = letters[index % Math.max(1, letters.length)];
    if (letter === undefined) return;
    const results = await Promise.all(
      Array.from({ length: isTwice ? 2 : 1 }, () => real.operator[kind]([letter.id])),
    );
    const instances = results.reduce((sum, result) => sum + result.instances, 0);
    if (instances !== letter.names.length) {
      throw new Error(`${kind} of ${letter.names.length} instances counts ${instances}`);
    }
    const named = letter.names.map((name) => {
      const [, invocationId = '', instanceId = ''] = name.split(' ');
      return plain.find(letter.requestId, invocationId, instanceId);
    });
    if (kind === 'redrive') plain.redrive(named);
    else for (const instance of named) plain.discard(instance);
  };
}

/** Whoever keeps the queue in order finds what was lost, and puts other jobs in the place of those. */
export async function requeueLost(real: RealLedger): Promise<void> {
  const { jobs } = await real.pools.queued('0', 1_000);
  const waiting = new Set((await real.pools.unqueued(1_000)).map(poolJobIdOf));
  for (const job of jobs) {
    const jobId = poolJobIdOf(job);
    if (!real.queue.has(jobId) && !waiting.has(jobId)) await real.pools.requeue(job);
  }
}

const someAnswers = fc.array(fc.constantFrom(...answers, 'later' as const), { minLength: 1, maxLength: 4 });
const someSights = fc.array(fc.constantFrom(...sights), { minLength: 1, maxLength: 4 });
const step = (text: string, act: (plain: PlainLedger, real: RealLedger) => Promise<void>) =>
  new Step(text, act);

const sends = fc.nat(5).map((index) => step(`send ${index}`, send(index)));
const answerings = fc
  .tuple(fc.nat(5), someAnswers, fc.boolean(), fc.boolean())
  .map((drawn) => step(`answer ${JSON.stringify(drawn)}`, answer(...drawn)));
const losses = fc
  .tuple(fc.nat(5), fc.constantFrom(true, false, false))
  .map((drawn) => step(`lose call ${drawn}`, lose(...drawn)));
const acceptances = fc
  .tuple(asks, fc.boolean(), fc.constantFrom('urgent', 'normal', 'low'), fc.boolean())
  .map((drawn) => step(`accept ${JSON.stringify(drawn)}`, accept(...drawn)));

/** What makes most of a ledger's life stands there several times. */
export const ledgerCommands: fc.Arbitrary<LedgerCommand>[] = [
  acceptances,
  ...[sends, sends, sends, answerings, answerings, answerings, losses, losses],
  fc
    .boolean()
    .map((isNoted) => step(`queue jobs, noted: ${isNoted}`, (_plain, real) => real.queueJobs(isNoted))),
  fc.tuple(someSights, fc.boolean()).map((drawn) => step(`look ${JSON.stringify(drawn)}`, look(...drawn))),
  fc.nat(5).map((index) => step(`late success ${index}`, tellLate(index))),
  fc.nat(5).map((index) => step(`withdraw ${index}`, withdraw(index))),
  fc.tuple(fc.nat(5), fc.boolean()).map((drawn) => step(`redrive ${drawn}`, deal('redrive', ...drawn))),
  fc.tuple(fc.nat(5), fc.boolean()).map((drawn) => step(`discard ${drawn}`, deal('discard', ...drawn))),
  fc.constant(
    step('lose the queue', async (_plain, real) => {
      real.queue.clear();
    }),
  ),
  fc.constant(step('requeue what was lost', (_plain, real) => requeueLost(real))),
];

/** All workers are there again, and everything goes well from here on. */
export async function drain(plain: PlainLedger, real: RealLedger): Promise<void> {
  for (let rounds = 0; rounds < 50; rounds++) {
    while (real.flights.length > 0) await lose(0, true)(plain, real);
    await requeueLost(real);
    await real.queueJobs();
    for (let jobs = real.queue.size; jobs > 0; jobs--) await send(jobs)(plain, real);
    for (let index = 0; index < real.flights.length; index++)
      await answer(index, ['accept'], true, false)(plain, real);
    await look(['terminated'], false)(plain, real);
    const open = [...plain.requests.values()].filter((request) => !plain.isFinished(request));
    if (open.length === 0 && real.queue.size === 0) return;
  }
}
