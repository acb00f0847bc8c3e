import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { answersStatus, neverAnswers, stallsInBody, succeeds } from '../support/misbehaving-answers.js';
import { MisbehavingServer } from '../support/misbehaving-server.js';
import { cancelOne, createTestClient, failureOf, successOf } from './cloud-fixtures.js';

let server: MisbehavingServer;
let client: TatClient;

beforeEach(async () => {
  server = await MisbehavingServer.start(succeeds());
});

afterEach(async () => {
  client.close();
  await server.stop();
});

describe('the deadline', () => {
  it('also covers the wait for a connection', async () => {
    client = createTestClient(server.url, { maxSockets: 1, timeoutMs: 400 });
    server.behave(neverAnswers);
    const startedAt = performance.now();
    const results = await Promise.all([1, 2, 3].map(() => client.cancelInvocation(cancelOne)));
    expect(results.map((result) => failureOf(result).code)).toEqual(Array(3).fill('CallTimeout'));
    // One after the other they would have taken three deadlines.
    expect(performance.now() - startedAt).toBeLessThan(1_100);
  });

  it('is not begun anew for the body', async () => {
    client = createTestClient(server.url, { timeoutMs: 400 });
    server.behave(stallsInBody);
    const startedAt = performance.now();
    expect(failureOf(await client.cancelInvocation(cancelOne)).code).toBe('CallTimeout');
    expect(performance.now() - startedAt).toBeLessThan(750);
  });

  it('leaves calls alone that wait their turn within it', async () => {
    client = createTestClient(server.url, { maxSockets: 2 });
    const results = await Promise.all(Array.from({ length: 50 }, () => client.cancelInvocation(cancelOne)));
    expect(results.filter((result) => result.ok)).toHaveLength(50);
    expect(server.connections).toBe(2);
  });
});

describe('a caller', () => {
  it('can give a call up, which closes its connection', async () => {
    client = createTestClient(server.url);
    server.behave(neverAnswers);
    const seen = server.nextRequest();
    const closed = server.nextDisconnect();
    const caller = new AbortController();
    const call = client.cancelInvocation(cancelOne, { signal: caller.signal });
    await seen;
    caller.abort();
    expect(failureOf(await call)).toMatchObject({ class: 'retry', code: 'CallAborted' });
    await closed;
  });

  it('hears when its request has left, not earlier than it has a connection, and before any answer', async () => {
    client = createTestClient(server.url, { maxSockets: 1 });
    server.behave(neverAnswers);
    const sent: string[] = [];
    const calls = ['first', 'second'].map((name) =>
      client.cancelInvocation(cancelOne, { onSent: () => sent.push(name) }),
    );
    await server.nextRequest();
    expect(sent).toEqual(['first']);
    client.close();
    await Promise.all(calls);
    expect(sent).toEqual(['first']);
  });

  it('can give a call up while its body arrives', async () => {
    client = createTestClient(server.url);
    server.behave(stallsInBody);
    const seen = server.nextRequest();
    const caller = new AbortController();
    const call = client.cancelInvocation(cancelOne, { signal: caller.signal });
    await seen;
    caller.abort();
    expect(failureOf(await call).code).toBe('CallAborted');
  });

  it('can give a call up before it begins', async () => {
    client = createTestClient(server.url);
    const result = await client.cancelInvocation(cancelOne, { signal: AbortSignal.abort() });
    expect(failureOf(result).code).toBe('CallAborted');
    expect(server.requests).toEqual([]);
  });

  it('may use one signal for hundreds of calls', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    client = createTestClient(server.url);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 300 }, () => client.cancelInvocation(cancelOne, { signal })));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

describe('failures in a row', () => {
  it('leave no connection behind that the next call would wait for', async () => {
    client = createTestClient(server.url, { maxSockets: 1 });
    server.behave(answersStatus(502, 2_000_000));
    for (let call = 0; call < 5; call += 1) {
      expect(failureOf(await client.cancelInvocation(cancelOne)).code).toBe('HttpStatus.502');
    }
    server.behave(succeeds());
    successOf(await client.cancelInvocation(cancelOne));
  });
});
