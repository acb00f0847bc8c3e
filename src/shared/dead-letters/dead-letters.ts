import { parseJobId } from '../job-ref.js';
import { LuaScript } from '../ledger/script.js';
import type { PoolQueuer } from '../pool-queuer.js';
import type { RedisClient } from '../redis-connection.js';
import { redisKeys } from '../redis-keys.js';
import { type DeadLetterFilter, instancesOf } from './dead-letter-filter.js';
import { DeadLetterStore } from './dead-letter-store.js';

const scriptFolder = new URL('../ledger/', import.meta.url).href;
const redriveScript = new LuaScript('redrive.lua', scriptFolder);
const discardScript = new LuaScript('discard.lua', scriptFolder);

/** Which dead letters: by id, or by what they say. */
export type DeadLetterSelection = { readonly ids: readonly string[] } | { readonly filter: DeadLetterFilter };

export interface DeadLetterOrder {
  readonly selection: DeadLetterSelection;
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

export interface DeadLetterResult {
  readonly letters: number;
  readonly instances: number;
  /** Dead letters that were left alone: the ledger does not know their job, so only discarding them is left. */
  readonly unknown: readonly string[];
  /** Ids that were named and belong to no dead letter, or to none any more. */
  readonly missing: readonly string[];
}

/** A script of so many stays at a few milliseconds, with a hundred instances each. */
const lettersPerScript = 50;
/** Jobs are added to the queue by the hundred, which costs a fraction of adding them one by one. */
const lettersPerQueuing = 500;
const unknownJob = -1;
const noSuchLetter = -2;

/**
 * What could not be carried out, and what people do about it; library, command line and HTTP share it. A dead letter goes
 * in the same step in which its instances are sent round again or it is put aside, so doing that twice, or being cut off in
 * the middle, neither loses nor doubles anything.
 */
export class DeadLetters {
  readonly store: DeadLetterStore;

  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
    /** What is sent round again may need a job in the queue. */
    private readonly queuer: Pick<PoolQueuer, 'addUnqueued'>,
  ) {
    this.store = new DeadLetterStore(client, prefix);
  }

  /** Sends dead letters round again, attempts anew; the call limit gives the rate. */
  async redrive(order: DeadLetterOrder, change: TargetChange = {}): Promise<DeadLetterResult> {
    const { region = '', invocationId = '' } = change;
    let unqueued = 0;
    const redriven = this.#handle(order, async (ids) => {
      // One that cannot be read is left alone: which instances it is of, it cannot tell.
      const preview = await this.#preview(ids);
      const known = ids.filter((_id, index) => (preview[index] ?? noSuchLetter) >= 0);
      const outcomes = await this.#run(redriveScript, order.by, [region, invocationId, ...known]);
      unqueued += known.length;
      if (unqueued >= lettersPerQueuing) {
        await this.queuer.addUnqueued();
        unqueued = 0;
      }
      return ids.map((id, index) => outcomes[known.indexOf(id)] ?? preview[index] ?? noSuchLetter);
    });
    return await redriven.finally(async () => {
      if (unqueued > 0) await this.queuer.addUnqueued();
    });
  }

  /** Puts dead letters aside for good; their instances stay dead-lettered. The reason is kept in the audit. */
  async discard(order: DeadLetterOrder, reason: string): Promise<DeadLetterResult> {
    return await this.#handle(order, (ids) => this.#run(discardScript, order.by, [reason, ...ids]));
  }

  async #run(script: LuaScript, by: string, args: readonly string[]): Promise<number[]> {
    const { audit, ledger } = redisKeys(this.prefix);
    const at = new Date().toISOString();
    return (await script.run(this.client, [audit], [ledger, by, at, ...args])) as number[];
  }

  async #handle(
    { selection, dryRun }: DeadLetterOrder,
    handle: (ids: readonly string[]) => Promise<readonly number[]>,
  ): Promise<DeadLetterResult> {
    const ids = 'ids' in selection ? [...new Set(selection.ids)] : await this.store.ids(selection.filter);
    const counts = { letters: 0, instances: 0 };
    const unknown: string[] = [];
    const missing: string[] = [];
    const take = dryRun ? (some: readonly string[]) => this.#preview(some) : handle;
    for (let from = 0; from < ids.length; from += lettersPerScript) {
      const part = ids.slice(from, from + lettersPerScript);
      for (const [index, outcome] of (await take(part)).entries()) {
        const id = part[index] ?? '';
        if (outcome === unknownJob) unknown.push(id);
        else if (outcome === noSuchLetter) missing.push(id);
        else {
          counts.letters += 1;
          counts.instances += outcome;
        }
      }
    }
    // What a filter found and somebody else dealt with meanwhile is nobody's loss.
    return { ...counts, unknown: dryRun ? [] : unknown, missing: 'ids' in selection ? missing : [] };
  }

  async #preview(ids: readonly string[]): Promise<number[]> {
    const letters = await this.store.readMany(ids);
    return letters.map((letter) => {
      if (letter === undefined) return noSuchLetter;
      return parseJobId(letter.jobId) === undefined ? unknownJob : instancesOf(letter);
    });
  }
}
