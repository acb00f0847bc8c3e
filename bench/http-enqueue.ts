import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/support/free-port.js';
import { postAll } from '../test/support/http-clients.js';
import { percentile } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { CommandProcess } from './support/command-process.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';
import { cpuMs } from './support/process-cpu.js';
import { residentMiB } from './support/process-memory.js';

const mostP99Ms = 250;
const clients = 200;
const instancesPerInvocation = 200;
const token = 'service-secret-7d1f9ac2e6b4';

export const httpEnqueue: Bench = {
  name: 'http-enqueue',
  measures: 'POST of single-instance requests by 200 clients at once, while a worker carries them out',
  async run(size) {
    return [await BenchScene.with({}, (scene) => measure(scene, size))];
  },
};

async function measure(scene: BenchScene, { scale }: BenchSize): Promise<Finding> {
  const requests = Math.max(
    clients,
    Math.round((20_000 * scale) / instancesPerInvocation) * instancesPerInvocation,
  );
  const [worker] = await scene.startWorkers(1);
  const { url, server } = await startServer(scene);
  const targets = await scene.api.ask('addInvocations', {
    count: requests / instancesPerInvocation,
    instances: instancesPerInvocation,
  });
  const bodies = targets.flatMap(({ invocationId, instanceIds }) =>
    instanceIds.map((id) =>
      JSON.stringify({ targets: [{ invocationId, instanceIds: [id], region: 'ap-singapore' }] }),
    ),
  );
  const pids = { server: server.pid, worker: worker?.pid ?? 0, redis: scene.redis.pid, clients: process.pid };
  const before = Object.values(pids).map(cpuMs);
  const startedAt = performance.now();
  const answers = await postAll({ url: `${url}/v1/cancel-requests`, token, clients, bodies });
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = Object.keys(pids).map(
    (name, index) =>
      [name, (cpuMs(Object.values(pids)[index] ?? 0) - (before[index] ?? 0)) / requests] as const,
  );
  const refused = answers.filter(({ status }) => status !== 202).length;
  const latencies = answers.map(({ ms }) => ms);
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  const perSecond = requests / seconds;
  const rssMiB = residentMiB(server.pid) ?? Number.NaN;
  return {
    what: 'POST by 200 clients at once, one instance each',
    who: ours,
    measured: `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, ${perSecond.toFixed(0)} requests/s`,
    target: `p99 < ${mostP99Ms} ms, none refused`,
    isMet: p99 < mostP99Ms && refused === 0,
    note: `${requests} requests, a worker beside; server RSS ${rssMiB.toFixed(0)} MiB; processor ms a request: ${cpu.map(([name, ms]) => `${name} ${ms.toFixed(2)}`).join(', ')}`,
    figures: {
      p50Ms: p50,
      p99Ms: p99,
      requestsPerSecond: perSecond,
      refused,
      requests,
      serverRssMiB: rssMiB,
    },
  };
}

async function startServer(scene: BenchScene): Promise<{ url: string; server: CommandProcess }> {
  const port = await freePort();
  const server = scene.own(
    CommandProcess.start(['serve'], {
      ...scene.environment,
      PORT: String(port),
      AUTH_TOKENS: `service:enqueue:${token}`,
      REQUESTS_PER_MINUTE: '1000000',
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 30_000;
  while (
    !(await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new Error('the server did not start within 30 s');
    await sleep(50);
  }
  return { url, server };
}
