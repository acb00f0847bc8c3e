import { describe, expect, it, onTestFinished } from 'vitest';
import { type Check, ok } from '../../../src/cli/doctor/check.js';
import { redisAnswer } from '../../../src/cli/doctor/checks.js';
import { DoctorScene } from '../../../src/cli/doctor/doctor-scene.js';
import { type NamedVerdict, runChecks } from '../../../src/cli/doctor/run-checks.js';
import { CliSession } from '../../support/cli-session.js';

function openScene(): DoctorScene {
  const { REDIS_URL: redisUrl = '', QUEUE_PREFIX: queuePrefix = '' } = new CliSession().environment;
  const scene = new DoctorScene({
    redisUrl,
    queuePrefix,
    endpoint: 'http://127.0.0.1:9',
    callsPerSecond: 20,
    cvmRole: 'never',
    logLevel: 'info',
  });
  onTestFinished(() => scene.close());
  return scene;
}

async function verdictsOf(checks: readonly Check[]): Promise<NamedVerdict[]> {
  const verdicts: NamedVerdict[] = [];
  for await (const verdict of runChecks(checks, openScene(), 100)) verdicts.push(verdict);
  return verdicts;
}

describe('running checks', () => {
  it('holds none up because another one throws or does not end', async () => {
    const hangs: Check = { name: 'hangs', needs: 'redis', run: () => new Promise(() => {}) };
    const throws: Check = {
      name: 'throws',
      needs: 'redis',
      run: () => Promise.reject(new Error('no luck\nat x')),
    };
    const works: Check = { name: 'works', needs: 'redis', run: async () => ok('fine') };
    expect(await verdictsOf([redisAnswer, hangs, throws, works])).toEqual([
      { name: 'redis', level: 'ok', what: expect.any(String) },
      {
        name: 'hangs',
        level: 'fault',
        what: expect.stringContaining('within 0.1 s'),
        advice: expect.any(String),
      },
      {
        name: 'throws',
        level: 'fault',
        what: expect.stringContaining('(no luck)'),
        advice: expect.any(String),
      },
      { name: 'works', level: 'ok', what: 'fine' },
    ]);
  });
});
