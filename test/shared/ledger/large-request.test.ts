import { afterEach, describe, expect, it } from 'vitest';
import { Ledger, RequestStatusReader } from '../../../src/shared/ledger/index.js';
import { PrivateRedis } from '../../support/private-redis.js';
import { connectToTestRedis, freshPrefix } from '../../support/test-prefix.js';

// Of its own: the others would wait for it, since Redis does nothing else while a script runs.
const server = await PrivateRedis.start();
const redis = connectToTestRedis(server.url);
const prefix = freshPrefix();

afterEach(async () => {
  redis.disconnect();
  await server.stop();
});

describe('a request of as many jobs as it may have instances', () => {
  it('is accepted whole, though it has more values than one call can spread', async () => {
    const jobs = Array.from({ length: 100_000 }, (_, at) => ({
      region: 'ap-tokyo',
      invocationId: `inv-${10_000_000 + at}`,
    }));
    const ledger = new Ledger(redis, prefix);
    const acceptance = await ledger.accept({
      requestId: 'req-large',
      fingerprint: 'content',
      priority: 'normal',
      facts: {},
      jobs,
    });
    expect(acceptance.kind).toBe('accepted');
    const status = await new RequestStatusReader(redis, prefix).read('req-large');
    expect(status).toMatchObject({ total: 100_000, jobs: 100_000, counts: { waiting: 100_000 } });
  });
});
