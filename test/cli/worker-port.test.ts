import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { CliSession } from '../support/cli-session.js';

it('says which setting to change when the port of a worker’s metrics is taken', async () => {
  const occupant = createServer().listen(0, '127.0.0.1');
  await once(occupant, 'listening');
  const { port } = occupant.address() as AddressInfo;
  const session = new CliSession();
  const { exitCode, stderr } = await session.run(['worker'], {
    environment: {
      METRICS_PORT: String(port),
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
      LOG_LEVEL: 'silent',
    },
  });
  expect(stderr).toContain(`port ${port} (EADDRINUSE): see HOST and METRICS_PORT`);
  expect(exitCode).toBe(2);
  await session.close();
  occupant.close();
});
