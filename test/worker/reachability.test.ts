import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { Reachability } from '../../src/worker/reachability.js';

it('leaves nothing behind once it has found out', async () => {
  const reachability = new Reachability({ ask: async () => 'not now' });
  const { signal } = new AbortController();
  const target = { accessPoint: 'one', region: 'ap-singapore' };
  let looks = 0;
  // Somebody else finds out after a few looks, long before it would give up.
  const found = await reachability.find(target, () => looks++ > 8, 30_000, signal);
  expect(found).toBe('unknown');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
