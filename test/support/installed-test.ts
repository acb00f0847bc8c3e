import { test, vi } from 'vitest';
import { type Installation, type InstallationOptions, startInstallation } from './installation.js';

// They wait for back-offs, leases and locks, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

export type Install = (options?: InstallationOptions) => Promise<Installation>;

/** `it` with installations that are closed when the test is over, whatever came of it. */
export const it = test.extend<{ install: Install }>({
  install: async ({ task: _task }, use) => {
    const installations: Installation[] = [];
    await use(async (options = {}) => {
      const installation = await startInstallation(withoutLimit(options));
      installations.push(installation);
      return installation;
    });
    await Promise.all(installations.map((installation) => installation.close()));
  },
});

/** As fast as the machine allows, unless told otherwise: for tests whose subject is not the call limit. */
function withoutLimit({ simulator, worker, ...rest }: InstallationOptions): InstallationOptions {
  return {
    ...rest,
    simulator: { callsPerSecond: 0, ...simulator },
    worker: { callsPerSecond: 1_000, ...worker, timings: { reconcileEveryMs: 200, ...worker?.timings } },
  };
}
