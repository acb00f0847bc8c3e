import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { succeeds } from '../support/misbehaving-answers.js';
import { MisbehavingServer } from '../support/misbehaving-server.js';
import { cancelOne, createTestClient, failureOf, successOf } from './cloud-fixtures.js';

let server: MisbehavingServer;
let client: TatClient;

beforeEach(async () => {
  server = await MisbehavingServer.start(succeeds());
  client = createTestClient(server.url);
});

afterEach(async () => {
  client.close();
  await server.stop();
});

/** A promise to be resolved by hand. */
function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}

describe('a request on its way out', () => {
  it('sends nothing when its permit was missed, and keeps no connection busy with it', async () => {
    const narrow = createTestClient(server.url, { maxSockets: 1 });
    const late = failureOf(await narrow.cancelInvocation(cancelOne, { mayLeave: () => false }));
    expect(late).toMatchObject({ class: 'retry', code: 'PermitMissed' });
    expect(server.requests).toEqual([]);
    successOf(await narrow.cancelInvocation(cancelOne, { mayLeave: () => true }));
    expect(server.requests).toHaveLength(1);
    narrow.close();
  });

  it('waits, signed and all, until its permit is due, and looks at the permit then', async () => {
    const seen: string[] = [];
    const due = deferred();
    const whenDue = () => {
      seen.push('ready');
      return due.promise;
    };
    const mayLeave = () => {
      seen.push('looked');
      return true;
    };
    const call = client.cancelInvocation(cancelOne, { whenDue, mayLeave, onSent: () => seen.push('sent') });
    await vi.waitFor(() => expect(seen).toEqual(['ready']));
    expect(server.requests).toEqual([]);
    due.resolve();
    successOf(await call);
    expect(seen).toEqual(['ready', 'looked', 'sent']);
  });

  it('does not send what was given up while it waited', async () => {
    const due = deferred();
    const giveUp = new AbortController();
    const mayLeave = vi.fn(() => true);
    const options = { whenDue: () => due.promise, mayLeave, signal: giveUp.signal };
    const call = client.cancelInvocation(cancelOne, options);
    giveUp.abort();
    expect(failureOf(await call).code).toBe('CallAborted');
    due.resolve();
    successOf(await client.cancelInvocation(cancelOne));
    expect(mayLeave).not.toHaveBeenCalled();
    expect(server.requests).toHaveLength(1);
  });
});
