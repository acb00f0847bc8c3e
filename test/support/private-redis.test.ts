import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';

const script = fileURLToPath(new URL('./redis-starter-main.ts', import.meta.url));

it.runIf(existsSync('/usr/bin/setpriv'))(
  'a test run that is killed leaves no redis-server behind',
  async () => {
    const run = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => {
      run.kill('SIGKILL');
    });
    const [port] = (await once(run.stdout, 'data')) as [Buffer];
    expect(await listens(Number(port))).toBe(true);
    run.kill('SIGKILL');
    await vi.waitFor(async () => expect(await listens(Number(port))).toBe(false), { timeout: 10_000 });
  },
);

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
