import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { CliProcess } from '../../support/cli-process.js';
import { FindSession, type FoundDocument } from './find-session.js';

const session = await FindSession.start();
afterAll(() => session.close());

describe('the built command', () => {
  it('finds, cancels and ends, with one JSON document on stdout and nothing else anywhere', async () => {
    session.add({ instances: 4, exceptions: { 0: 'finished' } });
    const child = new CliProcess(['cancel', '--all-running', '--yes', '--json'], session.environment);
    onTestFinished(() => child.kill());
    expect(await child.exitCode()).toBe(0);
    expect(child.stderr).toBe('');
    const document = JSON.parse(child.stdout) as FoundDocument;
    expect(document).toMatchObject({ jobs: 1, foundInstances: 3, examined: 1, calls: 1 });
  });
});
