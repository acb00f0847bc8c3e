import { describe, expect, it } from 'vitest';
import { QuietErrors } from '../../src/worker/quiet-errors.js';
import { CapturedLog } from '../support/captured-log.js';

describe('errors that come by the hundred', () => {
  it('are one line for each kind, whatever ids and numbers they name', () => {
    const log = new CapturedLog();
    const complain = new QuietErrors(log.logger).of('worker');
    for (let job = 0; job < 300; job++)
      complain(new Error(`Missing lock for job req-a1b2.${job}. moveToDelayed`));
    complain(new Error('Connection is closed.'));
    expect(log.saying('trouble in the background').map(({ err }) => (err as Error).message)).toEqual([
      'Missing lock for job req-a1b2.0. moveToDelayed',
      'Connection is closed.',
    ]);
  });

  it('are one line also when every part of a worker meets the same trouble', () => {
    const log = new CapturedLog();
    const errors = new QuietErrors(log.logger);
    for (const source of ['worker', 'queue', 'webhooks']) {
      errors.of(source)(new Error('connect ECONNREFUSED 127.0.0.1:6379'));
    }
    expect(log.saying('trouble in the background').map(({ source }) => source)).toEqual(['worker']);
  });
});
