import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSimulator, type Simulator } from '../../src/simulator/index.js';
import { deepJson, FuzzSource, fuzzBytes } from './support/fuzz-source.js';

vi.setConfig({ testTimeout: 300_000 });

let simulator: Simulator;
beforeAll(async () => {
  simulator = createSimulator({ callsPerSecond: 0 });
  await simulator.start();
});
afterAll(() => simulator.close());

async function send(method: string, path: string, body: string): Promise<number> {
  const hasBody = method !== 'GET';
  const answer = await fetch(`${simulator.url}${path}`, { method, ...(hasBody ? { body } : {}) });
  await answer.text();
  return answer.status;
}

async function expectAlive(): Promise<void> {
  expect(await send('GET', '/_simulator/health', '')).toBe(200);
}

/** Small ones only: to be told to hold a million invocations is no fault of the simulator. */
function anyOrder(fuzz: FuzzSource): string {
  const order = {
    count: fuzz.pick([0, 1, 2, -1, 1.5, 'x', null]),
    instances: fuzz.pick([0, 1, 3, -1, 'x', [], Number.POSITIVE_INFINITY]),
    region: fuzz.pick(['ap-singapore', '', fuzz.text(), 5]),
    behaviour: fuzz.pick(['agentGone', fuzz.text(), 5, {}]),
    exceptions: fuzz.pick([{ 'ins-00000001': 'agentGone' }, { __proto__: null, x: fuzz.text() }, []]),
    action: fuzz.pick(['CancelInvocation', fuzz.text()]),
    code: fuzz.pick(['InternalError', fuzz.text()]),
    times: fuzz.pick([1, 0, -1, 'x']),
    commandId: fuzz.pick(['cmd-1a2b3c4d', fuzz.text()]),
    enabled: fuzz.pick([true, 'x']),
  };
  const names = Object.keys(order).filter(() => fuzz.number(3) === 0);
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, order[name as keyof typeof order]])));
}

describe('the control endpoints of the simulator', () => {
  it('answer anything with 2xx or 4xx', async () => {
    const fuzz = new FuzzSource('simulator control');
    const paths = ['health', 'report', 'invocations', 'invokers', 'faults'];
    for (let sent = 0; sent < fuzzBytes / 2; ) {
      const method = fuzz.pick(['GET', 'POST', 'DELETE', 'PUT']);
      const name =
        fuzz.number(5) === 0 ? encodeURIComponent(Buffer.from(fuzz.text()).toString()) : fuzz.pick(paths);
      const query = `offset=${fuzz.number(9) - 4}&limit=${fuzz.pick(['1', 'x', '-1', 'NaN'])}&format=${fuzz.pick(['ndjson', 'x'])}`;
      const body = fuzz.pick([anyOrder(fuzz), JSON.stringify(fuzz.value()), fuzz.text(500), deepJson(5_000)]);
      sent += body.length + name.length;
      const status = await send(method, `/_simulator/${name}?${query}`, body);
      expect([method, name, query, body, status]).toEqual([
        method,
        name,
        query,
        body,
        expect.toSatisfy((code) => code < 500),
      ]);
    }
    simulator.faults.clear();
    await expectAlive();
  });

  it('and its API outlive connections of random bytes', async () => {
    const fuzz = new FuzzSource('simulator bytes');
    for (let sent = 0; sent < fuzzBytes; ) {
      const bytes = fuzz.bytes(1 + fuzz.number(20_000));
      sent += bytes.length;
      const socket = connect({ port: Number(new URL(simulator.url).port), host: '127.0.0.1' });
      socket.on('error', () => {}); // a reset while we still send is its right
      socket.end(bytes);
      expect(await readText(socket).catch(() => '')).toMatch(/^$|^HTTP\/1\.1 4/);
    }
    await expectAlive();
  });

  it('and its API outlive bodies of any content', async () => {
    const fuzz = new FuzzSource('simulator bodies');
    for (let sent = 0; sent < fuzzBytes / 2; ) {
      const body = fuzz.pick([fuzz.text(2_000), JSON.stringify(fuzz.value())]);
      sent += body.length + 50;
      const headers = {
        'x-tc-action': 'CancelInvocation',
        authorization: fuzz
          .text()
          .replace(/[^ -~]/g, '')
          .trim(),
      };
      const answer = await fetch(simulator.url, { method: 'POST', body, headers });
      expect(await answer.json()).toMatchObject({ Response: { Error: { Code: expect.any(String) } } });
    }
    await expectAlive();
  });
});
