import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { chromiumPath, launchBrowser } from '../test/dashboard/support/browser.js';
import { freePort } from '../test/support/free-port.js';
import { median } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { CommandProcess } from './support/command-process.js';
import { type Bench, type Finding, ours } from './support/finding.js';
import { HelperProcess } from './support/helper-process.js';
import { monotonicMs } from './support/monotonic-clock.js';
import { peakMemoryMiB, residentMiB } from './support/process-memory.js';
import { type ScaleSeeder, seededInstanceId, seededInvocationId } from './support/scale-seeder.js';

const requests = 10_000;
const instancesPerRequest = 100;
const letters = 50_000;
const largeRequest = 100_000;
const mostMs = 1_000;

interface View {
  readonly name: string;
  readonly path: string;
  /** Seen when the view has its content. */
  readonly text: string | RegExp;
}

const viewsWith = (requestId: string): readonly View[] => [
  { name: 'now', path: '/', text: /^rollout \d+ went wrong/ },
  { name: 'requests', path: '/requests', text: /^rollout \d+ went wrong/ },
  { name: 'requests that are finished', path: '/requests?state=finished', text: /^rollout \d+ went wrong/ },
  {
    name: 'search by invocation, the oldest',
    path: `/requests?search=${seededInvocationId(3)}`,
    text: /^rollout 3 went wrong/,
  },
  {
    name: 'search by reason, the oldest',
    path: '/requests?search=rollout+7+went',
    text: /^rollout 7 went wrong/,
  },
  {
    name: 'one instance',
    path: `/requests?search=${seededInstanceId(5, 50)}`,
    text: 'No call was made for it yet.',
  },
  { name: 'a request of 100,000 instances', path: `/requests/${requestId}`, text: 'Cloud RequestId' },
  { name: 'new request', path: '/new', text: 'Nothing yet: paste ids or choose a file.' },
  { name: 'dead letters', path: '/dead-letters', text: 'Died' },
  { name: 'dead letters of one code', path: '/dead-letters?code=NotConfirmed', text: 'Died' },
];

export const dashboardScale: Bench = {
  name: 'dashboard-scale',
  measures: 'the operator page with 10,000 requests, 1,000,000 waiting instances and 50,000 dead letters',
  async run({ scale, rounds }) {
    if (chromiumPath === undefined) {
      process.stderr.write('dashboard-scale is left out: no Chromium is installed.\n');
      return [];
    }
    return await BenchScene.with({}, async (scene) => {
      const requestId = await seed(scene, scale);
      return await measureViews(scene, viewsWith(requestId), Math.max(3, rounds));
    });
  },
};

/** Tells the id of a large request. */
async function seed(scene: BenchScene, scale: number): Promise<string> {
  const seeder = scene.own(
    HelperProcess.start<ScaleSeeder>(new URL('./support/scale-seeder.ts', import.meta.url)),
  );
  const redisUrl = scene.redis.url;
  await seeder.ask('addLetters', { redisUrl, count: Math.round(letters * scale) });
  const count = Math.max(20, Math.round(requests * scale));
  await seeder.ask('addRequests', { redisUrl, count, instances: instancesPerRequest });
  const instances = Math.max(200, Math.round(largeRequest * scale));
  const requestId = await seeder.ask('addLargeRequest', { redisUrl, instances });
  await seeder.stop();
  return requestId;
}

async function measureViews(scene: BenchScene, views: readonly View[], rounds: number): Promise<Finding[]> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = scene.own(
    CommandProcess.start(['serve'], { ...scene.environment, HOST: '127.0.0.1', PORT: String(port) }),
  );
  await untilReady(`${url}/readyz`);
  const before = residentMiB(server.pid) ?? Number.NaN;
  const startUpMs = await timeToFirstLook(url);
  const browser = await launchBrowser({ viewport: { width: 1_280, height: 860 } });
  try {
    const page = await browser.context.newPage();
    const findings: Finding[] = [describeStartUp(startUpMs)];
    for (const view of views) {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push(await timeToContent(page, url, view));
      findings.push(describeView(view, times));
    }
    findings.push(describeMemory(before, server.pid));
    return findings;
  } finally {
    await browser.close();
  }
}

/** From the address to the content: the browser begins anew each time, with what it has in its cache. */
async function timeToContent(page: Page, url: string, { path, text }: View): Promise<number> {
  await page.goto('about:blank');
  const beganAtMs = monotonicMs();
  await page.goto(url + path, { waitUntil: 'commit' });
  await page.getByText(text).first().waitFor({ timeout: 60_000 });
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached', timeout: 60_000 });
  return monotonicMs() - beganAtMs;
}

/** A server that has just started reads all dead letters once; until then it is slower than it will be. */
async function timeToFirstLook(url: string): Promise<number> {
  const beganAtMs = monotonicMs();
  const answer = await fetch(`${url}/v1/dead-letters/groups`);
  if (!answer.ok) throw new Error(`the dead letters were answered with ${answer.status}`);
  await answer.arrayBuffer();
  return monotonicMs() - beganAtMs;
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false, // it does not listen yet
    );
    if (isReady) return;
    if (Date.now() > deadline) throw new Error('the server was not ready within 30 s');
    await sleep(50);
  }
}

function describeView({ name }: View, times: readonly number[]): Finding {
  const [first = Number.NaN] = times;
  const middle = median(times);
  return {
    what: `page, ${name}: address to content`,
    who: ours,
    measured: `${middle.toFixed(0)} ms, first ${first.toFixed(0)} ms`,
    target: `< ${mostMs} ms`,
    isMet: middle < mostMs && first < mostMs,
    note: `${times.length} times`,
    figures: { medianMs: middle, firstMs: first, worstMs: Math.max(...times) },
  };
}

function describeStartUp(tookMs: number): Finding {
  return {
    what: 'a server that has just started: until it knows all dead letters',
    who: ours,
    measured: `${tookMs.toFixed(0)} ms`,
    note: 'before the views are measured',
    figures: { tookMs },
  };
}

function describeMemory(before: number, pid: number): Finding {
  const [after, most] = [residentMiB(pid) ?? Number.NaN, peakMemoryMiB(pid) ?? Number.NaN];
  return {
    what: 'memory of the server (resident)',
    who: ours,
    measured: `${before.toFixed(0)} MiB at start, ${after.toFixed(0)} MiB after all views, at most ${most.toFixed(0)} MiB`,
    figures: { beforeMiB: before, afterMiB: after, mostMiB: most },
  };
}
