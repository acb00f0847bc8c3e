import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MetricsListener } from '../../src/shared/metrics/metrics-listener.js';
import { observeClient } from '../../src/worker/metrics/observed-client.js';
import { WorkerMetrics } from '../../src/worker/metrics/worker-metrics.js';
import { buryRequests } from '../support/buried-requests.js';
import { type Installation, startInstallation } from '../support/installation.js';
import { untilDeadLetters, untilFinished } from '../support/outcomes.js';
import { ServerScene, secrets } from '../support/server-scene.js';
import { createTestClient } from '../support/test-worker.js';

let installation: Installation;
let scene: ServerScene;
const metrics = new WorkerMetrics();

beforeAll(async () => {
  installation = await startInstallation({ workers: 0 });
  scene = await ServerScene.start({ prefix: installation.prefix, environment: { METRICS_PORT: '0' } });
  installation.startWorker({
    metrics,
    client: observeClient(createTestClient(installation.simulator.url), metrics),
  });
  const { simulator, producer } = installation;
  simulator.faults.next('CancelInvocation', { code: 'InternalError' });
  const { invocationId, instanceIds } = simulator.addInvocation({ instances: 40 });
  const { requestId } = await producer.enqueue({
    targets: [
      { invocationId, instanceIds: [...instanceIds] },
      { invocationId: 'inv-unknown00', instanceIds: ['ins-00000001'] },
    ],
  });
  await untilFinished(installation, requestId);
  await untilDeadLetters(installation, 1);
});
afterAll(async () => {
  await scene.close();
  await installation.close();
});

/** Figures by name and labels. */
function parseMetrics(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

async function serverMetrics(): Promise<string> {
  return (await scene.call('GET', '/metrics', { token: secrets.read })).text;
}

describe('the metrics of a worker', () => {
  it('count calls by action and answer, and what became of instances', async () => {
    const figures = parseMetrics(await metrics.read());
    const of = (name: string) => figures.get(name);
    expect(of('tat_cancel_calls_total{action="CancelInvocation",code="InternalError"}')).toBe(1);
    expect(of('tat_cancel_calls_total{action="CancelInvocation",code="ok"}')).toBe(1);
    expect(
      of('tat_cancel_calls_total{action="CancelInvocation",code="ResourceNotFound.InvocationNotFound"}'),
    ).toBe(1);
    expect(of('tat_cancel_calls_total{action="DescribeInvocations",code="ok"}')).toBeGreaterThan(0);
    expect(of('tat_cancel_instances_total{outcome="accepted"}')).toBe(40);
    expect(of('tat_cancel_instances_total{outcome="terminated"}')).toBe(40);
    expect(of('tat_cancel_instances_total{outcome="dead-lettered"}')).toBe(1);
    expect(of('tat_cancel_failed_attempts_total{code="InternalError"}')).toBe(1);
    expect(of('tat_cancel_dead_letters_written_total{code="ResourceNotFound.InvocationNotFound"}')).toBe(1);
    expect(of('tat_cancel_time_to_stop_seconds_count')).toBe(40);
    expect(of('tat_cancel_ids_per_call_count')).toBe(3);
    expect(of('tat_cancel_permit_wait_seconds_count{action="CancelInvocation"}')).toBeGreaterThanOrEqual(3);
    expect(of('tat_cancel_call_duration_seconds_count{action="CancelInvocation"}')).toBe(3);
    expect(of('tat_cancel_limiter_calls_per_second{action="CancelInvocation"}')).toBeGreaterThan(15);
    expect(of('tat_cancel_limiter_events{action="CancelInvocation",event="permits"}')).toBeGreaterThanOrEqual(
      3,
    );
  });
});

describe('the metrics of the server', () => {
  it('tell how the installation stands', async () => {
    await buryRequests(scene.redis, {
      prefix: scene.prefix,
      requests: 4,
      codes: ['NotConfirmed', 'Made.Up.Code'],
    });
    const figures = parseMetrics(await serverMetrics());
    const of = (name: string) => figures.get(name);
    expect(of('tat_cancel_workers')).toBe(1);
    expect(of('tat_cancel_redis_up')).toBe(1);
    expect(of('tat_cancel_held')).toBe(0);
    expect(of('tat_cancel_waiting_jobs{priority="normal"}')).toBe(0);
    expect(of('tat_cancel_pace_calls_per_second')).toBeGreaterThan(15);
    expect(of('tat_cancel_dead_letters{code="NotConfirmed"}')).toBe(2);
    expect(of('tat_cancel_dead_letters{code="other"}')).toBe(2);
    expect(of('tat_cancel_http_requests_total{method="GET",route="/metrics",status="200"}')).toBe(undefined);
    expect(
      parseMetrics(await serverMetrics()).get(
        'tat_cancel_http_requests_total{method="GET",route="/metrics",status="200"}',
      ),
    ).toBe(1);
    const shown = 'tat_cancel_queue_jobs{queue="tat-cancel-dead-letter",state="waiting"}';
    await expect
      .poll(async () => parseMetrics(await serverMetrics()).get(shown), { timeout: 15_000 })
      .toBe(5);
  });

  it('need a token on the server’s own port, and none on the port for scrapers, which tells nothing else', async () => {
    expect((await scene.call('GET', '/metrics')).status).toBe(401);
    const scraped = await fetch(`http://127.0.0.1:${scene.metricsPort}/metrics`);
    expect([scraped.status, scraped.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/plain'),
    ]);
    expect(await scraped.text()).toContain('tat_cancel_build_info');
    for (const path of ['/v1/overview', '/', '/queues', '/v1/cancel-requests']) {
      expect((await fetch(`http://127.0.0.1:${scene.metricsPort}${path}`)).status).toBe(404);
    }
    expect((await fetch(`http://127.0.0.1:${scene.metricsPort}/metrics`, { method: 'POST' })).status).toBe(
      404,
    );
  });

  it('name no region, invocation, instance, request or person in a label', async () => {
    const text = (await serverMetrics()) + (await metrics.read());
    expect(text).not.toMatch(/inv-|ins-|req-|ap-singapore|reader|ann"/);
  });
});

describe('alerts and dashboards', () => {
  it('name only metrics and labels that there are', async () => {
    const text = (await serverMetrics()) + (await metrics.read());
    const names = new Set([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '']) => name));
    const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, label = '']) => label));
    for (const file of [
      'deploy/prometheus/alerts.yml',
      'deploy/grafana/tat-cancel.json',
      'docs/metrics.md',
    ]) {
      const content = readFileSync(file, 'utf8');
      const used = [...content.matchAll(/\b((?:tat_cancel|nodejs)_\w+)\b/g)].map(([, name = '']) => name);
      expect([file, used.length > 5]).toEqual([file, true]);
      const missing = used.filter(
        (name) => !names.has(name) && !names.has(name.replace(/_(?:bucket|sum|count)$/, '')),
      );
      expect([file, missing]).toEqual([file, []]);
      const by = [...content.matchAll(/by \(([^)]+)\)/g)].flatMap(([, list = '']) => list.split(/, ?/));
      expect([file, by.filter((label) => !labels.has(label))]).toEqual([file, []]);
    }
  });

  it('describe every metric of ours', async () => {
    const text = (await serverMetrics()) + (await metrics.read());
    const documented = readFileSync('docs/metrics.md', 'utf8');
    const names = [...text.matchAll(/^# TYPE (tat_cancel_\w+) /gm)].map(([, name = '']) => name);
    expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('the port for scrapers', () => {
  it('says in its log that it could not read, and ends twice without harm', async () => {
    const errors: unknown[] = [];
    const listener = new MetricsListener({
      host: '127.0.0.1',
      port: 0,
      contentType: 'text/plain',
      read: () => Promise.reject(new Error('no figures')),
      onError: (error) => errors.push(error),
    });
    const port = await listener.start();
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(500);
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    expect(errors).toMatchObject([{ message: 'no figures' }]);
    await listener.close();
    await listener.close();
  });
});
