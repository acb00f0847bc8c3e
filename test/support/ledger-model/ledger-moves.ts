import { randomUUID } from 'node:crypto';
import type { CarriedJob, Flight, LedgerMove } from '../../../src/shared/ledger/index.js';
import {
  type Answer,
  answers,
  type PlainInstance,
  type PlainLedger,
  type Sight,
  sights,
} from './plain-ledger.js';
import type { RealLedger } from './real-ledger.js';

/** Draws in turn, so that few numbers decide about many instances. */
export function takeTurns<Item>(drawn: readonly Item[]): () => Item {
  let at = 0;
  return () => drawn[at++ % drawn.length] as Item;
}

export interface ToldInstance<News> {
  readonly instance: PlainInstance;
  readonly news: News;
}

/** What a call tells of all that it carries: moves for the ledger, and the same for the model, in the same order. */
export function answerMoves(
  plain: PlainLedger,
  real: RealLedger,
  flight: Flight,
  next: () => Answer | 'later',
) {
  const moves: LedgerMove[] = [];
  const told: ToldInstance<Answer>[] = [];
  for (const job of flight.jobs) {
    const requestId = job.ref.slice(0, job.ref.lastIndexOf('.'));
    const request = plain.requests.get(requestId);
    // Of each instance a call tells once, perhaps later than of others.
    const drawn = [...job.mask].map((mark, at) => {
      if (mark !== 's') return undefined;
      const answer = next();
      return answer !== 'later' && real.tells(flight, `${job.ref} ${at}`) ? answer : undefined;
    });
    for (const answer of answers) {
      const letter = { accept: 'a', retry: 'w', return: 'w', bury: 'd' }[answer];
      const mask = drawn.map((one) => (one === answer ? letter : '.')).join('');
      if (!mask.includes(letter)) continue;
      moves.push(moveOf(answer, job, mask, requestId, request?.confirm ?? true));
      for (const [index, one] of drawn.entries()) {
        if (one !== answer) continue;
        const instanceId = job.allInstanceIds[index] ?? '*';
        const instance = plain.findIn(job.ref, flight.invocationId, instanceId);
        if (instance !== undefined) told.push({ instance, news: answer });
      }
    }
  }
  return { moves, told };
}

function moveOf(
  answer: Answer,
  { ref }: CarriedJob,
  mask: string,
  requestId: string,
  confirm: boolean,
): LedgerMove {
  const attempt = { at: Date.now(), worker: 'model', code: 'InternalError', message: 'no' };
  switch (answer) {
    case 'accept':
      return { kind: 'accept', ref, mask, cloudRequestId: 'cloud', confirm, firstLookMs: 0 };
    case 'retry':
      return { kind: 'retry', ref, mask, attempt, notBeforeMs: 5 };
    case 'return':
      return { kind: 'return', ref, mask };
    case 'bury':
      return { kind: 'bury', ref, mask, attempt, ...letterOf(ref, requestId) };
  }
}

function letterOf(ref: string, requestId: string) {
  const letter = { requestId, jobId: ref, code: 'InternalError', message: 'no' };
  return { letterId: `${ref}.${randomUUID().slice(0, 8)}`, letter };
}

/** What a look at the cloud tells of the accepted instances of one part. */
export async function sightMoves(plain: PlainLedger, real: RealLedger, ref: string, next: () => Sight) {
  const { requestId, job } = await real.partOf(ref);
  const told: ToldInstance<Sight>[] = [];
  const drawn = [...job.letters].map((letter, index) => {
    const sight = letter === 'a' ? next() : 'nothing';
    const { invocationId } = job;
    const instanceId = job.instanceIds?.[index] ?? '*';
    const instance = plain.findIn(ref, invocationId, instanceId);
    if (instance !== undefined) told.push({ instance, news: sight });
    return sight;
  });
  const letters = {
    terminated: 't',
    cancelled: 'c',
    'already-finished': 'S',
    again: 'w',
    overdue: 'd',
    nothing: '.',
  };
  const moves = sights.flatMap((sight): LedgerMove[] => {
    const mask = drawn.map((one) => (one === sight ? letters[sight] : '.')).join('');
    if (!/[^.]/.test(mask)) return [];
    if (sight === 'overdue') return [{ kind: 'bury', ref, mask, only: 'a', ...letterOf(ref, requestId) }];
    return [{ kind: sight === 'again' ? 'again' : 'confirm', ref, mask, only: 'a' }];
  });
  return { moves, told };
}
