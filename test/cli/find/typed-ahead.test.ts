import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PseudoTerminal } from '../../support/pseudo-terminal.js';
import { FindSession } from './find-session.js';

let session: FindSession;
let requestsBefore: number;

beforeAll(async () => {
  session = await FindSession.start();
});
beforeEach(async () => {
  session.move();
  session.add({ instances: 3 });
  requestsBefore = await session.countRequests();
});
afterAll(() => session.close());

const enqueued = async () => (await session.countRequests()) - requestsBefore;

function startCancel(): PseudoTerminal {
  const line = `${process.execPath} dist/cli/main.js cancel --all-running`;
  const { PATH } = process.env;
  return new PseudoTerminal(line, { cwd: process.cwd(), environment: { PATH, ...session.environment } });
}

describe('a question at a terminal', { timeout: 60_000 }, () => {
  it.each([
    ['a whole answer', 'y\r', 'n\r'],
    ['several answers', 'y\ry\ryes\r', 'n\r'],
    ['half a line', 'y', '\r'],
  ])('is not answered by %s that was typed before it was seen', async (_what, ahead, answer) => {
    const terminal = startCancel();
    terminal.type(ahead);
    terminal.answer(/\[y\/N\] /, answer);
    expect([await terminal.exitCode(30_000), terminal.output]).toMatchObject([
      130,
      expect.stringContaining('Not confirmed: nothing was cancelled.'),
    ]);
    expect(await enqueued()).toBe(0);
  });

  it('is answered by what is typed once it is there', async () => {
    const terminal = startCancel();
    terminal.type('n\r');
    terminal.answer(/\[y\/N\] /, 'y\r');
    expect([await terminal.exitCode(30_000), terminal.output]).toMatchObject([
      0,
      expect.stringContaining('Cancel enqueued: '),
    ]);
    expect(await enqueued()).toBe(1);
  });
});
