import type { DeadLetterFilter, DeadLetterQueue, StoredDeadLetter } from './dead-letter-queue.js';
import { parseJobId } from './job-ref.js';
import type { AuditNote, JobReader, Ledger, LetterLedger } from './ledger/index.js';
import type { PoolQueuer } from './pool-queuer.js';

export interface DeadLetterGroup {
  readonly code: string;
  readonly letters: number;
  /** A whole invocation counts as one. */
  readonly instances: number;
  /** ISO 8601. */
  readonly firstDeadAt: string;
  readonly lastDeadAt: string;
  /** A few of them, the latest last. */
  readonly examples: readonly StoredDeadLetter[];
}

/** Which letters: by id, or by what they say. */
export type LetterSelection = { readonly ids: readonly string[] } | { readonly filter: DeadLetterFilter };

export interface LetterOrder {
  readonly selection: LetterSelection;
  /** Who gives it, for the audit. */
  readonly by: string;
  /** Only say what would happen. */
  readonly dryRun?: boolean;
}

/** What a redrive may change, where that is the cure. */
export interface TargetChange {
  readonly region?: string;
  readonly invocationId?: string;
}

export interface LetterResult {
  readonly letters: number;
  readonly instances: number;
  /** Letters that were left alone: the ledger does not know their job, so only discarding them is left. */
  readonly unknown: readonly string[];
  /** Ids that were named and belong to no letter, or to none any more. */
  readonly missing: readonly string[];
}

export interface DeadLetterDeskDeps {
  readonly letters: DeadLetterQueue;
  readonly ledger: Ledger;
  readonly letterLedger: LetterLedger;
  readonly jobReader: JobReader;
  readonly queuer: PoolQueuer;
}

const examplesPerGroup = 3;
const lettersAtATime = 50;
const lettersPerPage = 1_000;

/**
 * Where people deal with dead letters; library, command line and HTTP share it. Every change is one step in the
 * ledger, and what follows from it can be repeated: a crash in the middle neither loses nor doubles anything.
 */
export class DeadLetterDesk {
  constructor(private readonly deps: DeadLetterDeskDeps) {}

  /** Letters by code, the largest group first. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    const groups = new Map<
      string,
      { letters: StoredDeadLetter[]; count: number; instances: number; first: string }
    >();
    for await (const letter of this.all(filter)) {
      const { code } = letter.error;
      const group = groups.get(code) ?? { letters: [], count: 0, instances: 0, first: letter.deadAt };
      groups.set(code, group);
      group.count += 1;
      group.instances += instancesOf(letter);
      group.letters.push(letter);
      if (group.letters.length > examplesPerGroup) group.letters.shift();
    }
    return [...groups]
      .map(([code, { letters, count, instances, first }]) => ({
        code,
        letters: count,
        instances,
        firstDeadAt: first,
        lastDeadAt: letters.at(-1)?.deadAt ?? first,
        examples: letters,
      }))
      .sort((a, b) => b.letters - a.letters);
  }

  /** Every letter that fits, from the oldest on, in bounded memory. */
  async *all(filter: DeadLetterFilter = {}): AsyncGenerator<StoredDeadLetter> {
    let cursor: number | undefined = 0;
    while (cursor !== undefined) {
      const page: Awaited<ReturnType<DeadLetterQueue['list']>> = await this.deps.letters.list(filter, {
        cursor,
        limit: lettersPerPage,
      });
      yield* page.deadLetters;
      cursor = page.nextCursor;
    }
  }

  /** Undefined when there is no such letter (any more). */
  async show(id: string): Promise<StoredDeadLetter | undefined> {
    return await this.deps.letters.read(id);
  }

  /** Sends letters round again, attempts anew; the call limit gives the rate. A letter that was dealt with is passed over. */
  async redrive(order: LetterOrder, change: TargetChange = {}): Promise<LetterResult> {
    return await this.#handle(order, (letter) => this.#redriveOne(letter, order.by, change));
  }

  /** Puts letters aside for good; their instances stay dead-lettered. The reason is kept in the audit. */
  async discard(order: LetterOrder, reason: string): Promise<LetterResult> {
    return await this.#handle(order, async (letter) => {
      const instances = instancesOf(letter);
      const note = noteOf(letter, 'discard', order.by, reason);
      return (await this.deps.letterLedger.discard(letter.requestId, letter.id, instances, note))
        ? instances
        : 0;
    });
  }

  /** Takes letters that were dealt with out of their queue, if a crash came in between. */
  async sweepHandled(): Promise<void> {
    await this.#takeOut(await this.deps.letterLedger.handled());
  }

  async #handle(
    { selection, dryRun }: LetterOrder,
    handle: (letter: StoredDeadLetter) => Promise<number | 'unknown'>,
  ): Promise<LetterResult> {
    const { selected, missing } = await this.#select(selection);
    if (dryRun) {
      const known = selected.filter((letter) => parseJobId(letter.jobId) !== undefined);
      const instances = known.reduce((sum, letter) => sum + instancesOf(letter), 0);
      return { letters: known.length, instances, unknown: [], missing };
    }
    const unknown: string[] = [];
    let instances = 0;
    for (let from = 0; from < selected.length; from += lettersAtATime) {
      const part = selected.slice(from, from + lettersAtATime);
      const outcomes = await Promise.all(part.map(handle));
      const done: string[] = [];
      for (const [index, outcome] of outcomes.entries()) {
        const id = part[index]?.id ?? '';
        if (outcome === 'unknown') unknown.push(id);
        else {
          instances += outcome;
          done.push(id);
        }
      }
      await this.#takeOut(done);
      await this.deps.queuer.addUnqueued();
    }
    return { letters: selected.length - unknown.length, instances, unknown, missing };
  }

  async #select(
    selection: LetterSelection,
  ): Promise<{ selected: readonly StoredDeadLetter[]; missing: readonly string[] }> {
    const selected: StoredDeadLetter[] = [];
    const missing: string[] = [];
    if ('ids' in selection) {
      for (const id of new Set(selection.ids)) {
        const letter = await this.deps.letters.read(id);
        if (letter === undefined) missing.push(id);
        else selected.push(letter);
      }
    } else {
      for await (const letter of this.all(selection.filter)) selected.push(letter);
    }
    return { selected, missing };
  }

  async #redriveOne(letter: StoredDeadLetter, by: string, change: TargetChange): Promise<number | 'unknown'> {
    const { letterLedger, jobReader } = this.deps;
    const ref = parseJobId(letter.jobId);
    if (ref === undefined) return 'unknown';
    const { region, invocationId, instanceIds = [] } = letter.target;
    const isChanged = change.region !== undefined || change.invocationId !== undefined;
    const target = isChanged ? { region, invocationId, ...change } : undefined;
    const note = noteOf(letter, 'redrive', by);
    const reply = await letterLedger.redrive(ref, letter.id, instanceIds, target, note);
    if (reply.kind === 'unknown') return 'unknown';
    if (reply.kind === 'handled' || reply.instances === 0) return 0;
    const outline = await jobReader.outline(ref.requestId);
    if (outline !== undefined) {
      await this.deps.ledger.indexInstances(outline.sequence, reply.ref.position, instanceIds);
    }
    return reply.instances;
  }

  async #takeOut(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.deps.letters.remove(id)));
    await this.deps.letterLedger.forgetHandled(ids);
  }
}

function instancesOf(letter: StoredDeadLetter): number {
  return letter.target.instanceIds?.length ?? 1;
}

function noteOf(
  letter: StoredDeadLetter,
  action: AuditNote['action'],
  by: string,
  reason?: string,
): AuditNote {
  return {
    at: new Date().toISOString(),
    action,
    by,
    letterId: letter.id,
    requestId: letter.requestId,
    code: letter.error.code,
    instances: instancesOf(letter),
    ...(reason === undefined ? {} : { reason }),
  };
}
