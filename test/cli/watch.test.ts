import { describe, expect } from 'vitest';
import { CliSession } from '../support/cli-session.js';
import { it } from '../support/installed-test.js';
import { addTargets } from '../support/request-truth.js';
import { TerminalSession } from '../support/terminal-session.js';

const esc = '\u001b';
const entered = `${esc}[?1049h`;
const left = `${esc}[?7h${esc}[?25h${esc}[?1049l`;

function watch(prefix: string, size = { columns: 110, rows: 30 }): TerminalSession {
  return new TerminalSession(['watch'], new CliSession(prefix).environment, size);
}

describe('tat-cancel watch', () => {
  it('shows calls, what waits, requests and workers over the whole terminal, until q', async ({
    install,
  }) => {
    const installation = await install({ simulator: { callsPerSecond: 20 }, worker: { callsPerSecond: 20 } });
    const { requestId } = await installation.producer.enqueue({
      targets: addTargets(installation, 60, 4),
      reason: 'bad rollout',
      confirm: false,
    });
    const terminal = watch(installation.prefix);
    await terminal.shows('a second of 20');
    const lines = await terminal.shows(requestId);
    expect(terminal.written.startsWith(entered)).toBe(true);
    expect(terminal.isRaw).toBe(true);
    expect(lines.find((line) => line.startsWith('Workers'))).toContain('test-worker-0');
    expect(lines.find((line) => line.startsWith(requestId))).toContain('bad rollout');
    await terminal.shows('100 %');
    terminal.press('q');
    expect(await terminal.exitCode).toBe(0);
    expect(terminal.written.endsWith(left)).toBe(true);
    expect(terminal.isRaw).toBe(false);
  });

  it('pauses and resumes after a key that confirms, and not without', async ({ install }) => {
    const installation = await install();
    const terminal = watch(installation.prefix);
    await terminal.shows('At work');
    terminal.press('p');
    await terminal.shows('y to confirm');
    terminal.press('n');
    await terminal.shows('q quit');
    expect((await new CliSession(installation.prefix).run(['queues'])).stdout).toContain('At work');
    terminal.press('py');
    await terminal.shows('Paused by');
    terminal.press('p');
    await terminal.shows('Resume calls?');
    terminal.press('y');
    await terminal.shows('At work');
    terminal.press('q');
    expect(await terminal.exitCode).toBe(0);
  });

  it('fits any size of terminal and follows a change of it at once', async ({ install }) => {
    const installation = await install({ workers: 0 });
    for (let request = 0; request < 5; request++) {
      await installation.producer.enqueue({
        targets: addTargets(installation, 1, 1),
        reason: 'x'.repeat(300),
      });
    }
    const terminal = watch(installation.prefix, { columns: 200, rows: 50 });
    await terminal.shows('REQUEST');
    for (const size of [
      { columns: 40, rows: 8 },
      { columns: 20, rows: 2 },
      { columns: 120, rows: 40 },
    ]) {
      terminal.resize(size);
      const { lines } = terminal;
      expect(lines.length).toBeLessThanOrEqual(size.rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
      expect(lines.at(-1)).toContain('q quit');
    }
    terminal.press('q');
    await terminal.exitCode;
  });

  it.each([
    ['Ctrl-C', (terminal: TerminalSession) => terminal.press('\u0003')],
    ['a signal', (terminal: TerminalSession) => terminal.interrupt()],
  ])('gives the terminal back after %s', async (_how, end) => {
    const terminal = watch(new CliSession().prefix);
    await terminal.shows('No worker runs');
    end(terminal);
    expect(await terminal.exitCode).toBe(130);
    expect(terminal.written.endsWith(left)).toBe(true);
    expect(terminal.isRaw).toBe(false);
  });

  it('says so and does nothing when there is no terminal', async () => {
    const { exitCode, stdout, stderr } = await new CliSession().run(['watch']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('needs a terminal');
    expect(stderr).toContain('tat-cancel queues');
  });
});
