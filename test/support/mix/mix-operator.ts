import type { Redis } from 'ioredis';
import { onDeadLetters } from '../../../src/cli/open-dead-letters.js';

/** A dead letter, as far as people look at it. */
export interface MixLetter {
  readonly id: string;
  readonly requestId: string;
  readonly code: string;
  readonly message: string;
  readonly deadAtMs: number;
  /** `region invocation instance` of each; `region invocation *` for a whole invocation. */
  readonly names: readonly string[];
}

/** What a redrive or a discard says that it did. */
export interface MixResult {
  readonly letters: number;
  readonly instances: number;
  readonly unknown: readonly string[];
}

/** Somebody who looks after dead letters. The only place of the mix that knows how that is done. */
export class MixOperator {
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  async letters(): Promise<MixLetter[]> {
    return await onDeadLetters(this.redis, this.prefix, async ({ store }) => {
      const found: MixLetter[] = [];
      for await (const { id, requestId, target, error, deadAt } of store.all()) {
        const { region, invocationId, instanceIds = ['*'] } = target;
        found.push({
          id,
          requestId,
          code: error.code,
          message: error.message,
          deadAtMs: Date.parse(deadAt),
          names: instanceIds.map((instanceId) => `${region} ${invocationId} ${instanceId}`),
        });
      }
      return found;
    });
  }

  async redrive(ids: readonly string[]): Promise<MixResult> {
    return await onDeadLetters(this.redis, this.prefix, (deadLetters) =>
      deadLetters.redrive({ selection: { ids }, by: 'mix' }),
    );
  }

  async discard(ids: readonly string[]): Promise<MixResult> {
    return await onDeadLetters(this.redis, this.prefix, (deadLetters) =>
      deadLetters.discard({ selection: { ids }, by: 'mix' }, 'the mix has it so'),
    );
  }
}
