import Bottleneck from 'bottleneck';
import { createCredentialSource } from '../../src/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../src/cloud/sdk-tat-client.js';
import type { BenchTarget } from '../support/api-process.js';
import { answerParent } from '../support/helper-process.js';
import { monotonicMs } from '../support/monotonic-clock.js';

// The script that one would write for a single big cancel: the SDK, Bottleneck in memory, lists of a hundred. It knows
// everything beforehand, shares nothing with anybody, and forgets it all when it crashes.

const idsPerCall = 100;
const mostTries = 10;

/** Both are found in examples: evenly spaced calls, or twenty at once that are refilled every second. */
const limits = {
  minTime: { minTime: 50 },
  reservoir: { reservoir: 20, reservoirRefreshAmount: 20, reservoirRefreshInterval: 1_000 },
} as const;

const api = {
  async cancel(input: {
    endpoint: string;
    targets: BenchTarget[];
    limit: keyof typeof limits;
  }): Promise<number> {
    const client = createSdkTatClient({
      endpoint: input.endpoint,
      timeoutMs: 10_000,
      credentials: createCredentialSource({ secretId: 'AKIDSIMULATOR', secretKey: 'simulator-secret-key' }),
    });
    const limiter = new Bottleneck(limits[input.limit]);
    const beganAtMs = monotonicMs();
    const cancel = async (region: string, invocationId: string, instanceIds: string[]) => {
      for (let tries = 0; tries < mostTries; tries++) {
        const call = () => client.cancelInvocation({ region, invocationId, instanceIds });
        if ((await limiter.schedule(call)).ok) return;
      }
      throw new Error(`given up: ${invocationId}`);
    };
    await Promise.all(
      input.targets.flatMap(({ region, invocationId, instanceIds }) =>
        Array.from({ length: Math.ceil(instanceIds.length / idsPerCall) }, (_, part) =>
          cancel(region, invocationId, instanceIds.slice(part * idsPerCall, (part + 1) * idsPerCall)),
        ),
      ),
    );
    await limiter.disconnect();
    client.close();
    return beganAtMs;
  },
};

export type BottleneckScript = typeof api;

answerParent(api);
