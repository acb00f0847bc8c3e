import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.js';
import { rawCall, refusalOf, sdkClient } from '../support/simulator-client.js';

const opened: Simulator[] = [];
function create(options: SimulatorOptions = {}): Simulator {
  const simulator = createSimulator(options);
  opened.push(simulator);
  return simulator;
}
async function started(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = create(options);
  await simulator.start();
  return simulator;
}
afterEach(() => Promise.all(opened.splice(0).map((simulator) => simulator.close())));

describe('the life of a simulator', () => {
  it('has no address before it starts', () => {
    expect(() => create().url).toThrow(/not started/);
  });

  it('starts once however often it is told to', async () => {
    const simulator = create();
    expect(await Promise.all([simulator.start(), simulator.start()])).toEqual([simulator.url, simulator.url]);
  });

  it('closes once however often it is told to, also before it ever started', async () => {
    const simulator = await started();
    await Promise.all([simulator.close(), simulator.close()]);
    await simulator.close();
    await create().close();
    await expect(fetch(simulator.url)).rejects.toThrow();
  });

  it('comes back at the same address with the same world and record', async () => {
    const simulator = await started();
    const { url } = simulator;
    const { invocationId } = simulator.addInvocation();
    const cancel = () => sdkClient(simulator).CancelInvocation({ InvocationId: invocationId });
    await cancel();
    await simulator.close();
    await expect(cancel()).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
    expect(await simulator.start()).toBe(url);
    await cancel();
    expect(simulator.record.count('CancelInvocation')).toBe(2);
  });

  it('refuses to start on a port that is taken, and can start once it is free', async () => {
    const first = await started();
    const second = create({ port: Number(first.endpoint.split(':')[1]) });
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
    expect(await second.start()).toBe(first.url);
  });

  it('ends calls that hang or are late when it closes', async () => {
    const simulator = await started({ latency: { minMs: 60_000, maxMs: 60_000 } });
    simulator.faults.next('DescribeRegions', { answer: 'hang' });
    const calls = [1, 2].map(() => sdkClient(simulator).DescribeRegions());
    const ended = Promise.allSettled(calls);
    await simulator.record.waitForCalls(2);
    await simulator.close();
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('survives clients that speak no HTTP or leave in the middle', async () => {
    const simulator = await started();
    const [host, port] = simulator.endpoint.split(':');
    for (const text of [
      '\u0000\u0001nonsense\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{',
    ]) {
      const socket = connect(Number(port), host).on('error', () => {});
      await once(socket, 'connect');
      socket.end(text);
      await once(socket.resume(), 'close');
    }
    expect(await refusalOf(simulator, { action: 'DescribeRegions' })).toBeUndefined();
    expect(simulator.record.count()).toBe(1);
  });
});

describe('the call limit', () => {
  it('lets 20 calls of a second pass, for each action', async () => {
    const simulator = await started();
    const call = (action: string) => refusalOf(simulator, { action, body: {} });
    // All within two seconds of the wall clock, so that at most 40 can pass.
    await Promise.all(Array.from({ length: 60 }, () => call('DescribeRegions')));
    await simulator.record.waitForAnswers(60);
    const bySecond = new Map<number, number>();
    for (const { atEpochMs, code } of simulator.record.calls('DescribeRegions')) {
      const second = Math.floor(atEpochMs / 1000);
      if (code === 'OK') bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...bySecond.values())).toBe(20);
    expect(simulator.record.countByCode().DescribeRegions?.RequestLimitExceeded).toBeGreaterThanOrEqual(20);
    expect(await call('DescribeInvocations')).toBeUndefined();
  });

  it('is shared with a foreign client as long as that one calls', async () => {
    const simulator = await started({ callsPerSecond: 1000 });
    const foreign = simulator.startForeignClient('DescribeRegions', 1e6);
    const refusal = await refusalOf(simulator, { action: 'DescribeRegions' });
    foreign.stop();
    expect(refusal?.Code).toBe('RequestLimitExceeded');
    expect(foreign.outcome().admitted).toBeGreaterThanOrEqual(1000);
  });

  it('can be changed while it runs', async () => {
    const simulator = await started({ callsPerSecond: 1 });
    simulator.buckets.setLimits(0);
    const calls = Array.from({ length: 30 }, () => refusalOf(simulator, { action: 'DescribeRegions' }));
    expect(await Promise.all(calls)).toEqual(new Array(30).fill(undefined));
  });
});

describe('the log of calls', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tat-cancel-simulator-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('has one line per call and no secret', async () => {
    const callLogPath = join(directory, 'calls.ndjson');
    const simulator = await started({ callLogPath });
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 2 });
    await sdkClient(simulator).CancelInvocation({
      InvocationId: invocationId,
      InstanceIds: [...instanceIds],
    });
    await rawCall(simulator, { secretKey: 'guessed' });
    await simulator.close();
    const text = readFileSync(callLogPath, 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({ number: 1, code: 'OK', invocationId, instanceIds, instanceCount: 2 }),
      expect.objectContaining({ number: 2, code: 'AuthFailure.SignatureFailure' }),
    ]);
    for (const secret of [...simulator.secretTraces, 'simulator-secret-key'])
      expect(text).not.toContain(secret);
  });

  it('that cannot be opened keeps the simulator from starting', async () => {
    const simulator = create({ callLogPath: join(directory, 'missing', 'calls.ndjson') });
    await expect(simulator.start()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
