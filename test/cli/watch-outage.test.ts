import { describe, expect, it, onTestFinished } from 'vitest';
import { CliSession } from '../support/cli-session.js';
import { PrivateRedis } from '../support/private-redis.js';
import { TerminalSession } from '../support/terminal-session.js';

describe('tat-cancel watch while Redis is away', () => {
  it('keeps what it showed, says so, quits at once, and goes on when Redis is back', async () => {
    const redis = await PrivateRedis.start();
    onTestFinished(() => redis.stop());
    const environment = { ...new CliSession().environment, REDIS_URL: redis.url };
    const terminal = new TerminalSession(['watch'], environment, { columns: 120, rows: 30 });
    await terminal.shows('No worker runs');
    await redis.kill();
    await terminal.shows('Redis does not answer');
    expect(terminal.lines.some((line) => line.startsWith('Waiting'))).toBe(true);
    await redis.restart();
    await expect.poll(() => terminal.lines.join('\n'), { timeout: 20_000 }).not.toContain('does not answer');
    await redis.kill();
    await terminal.shows('Redis does not answer');
    terminal.press('q');
    expect(await terminal.exitCode).toBe(0);
  }, 60_000);
});
