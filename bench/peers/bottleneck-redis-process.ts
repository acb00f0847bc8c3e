import Bottleneck from 'bottleneck';
import { createCredentialSource } from '../../src/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../src/cloud/sdk-tat-client.js';
import { answerParent } from '../support/helper-process.js';

// Bottleneck as published, in its Redis mode, with the gap that the limiter of version 0.1.0 kept: one of several
// processes that share the limit and send nothing but calls.

const underWay = 4;

const api = {
  async run(input: {
    redisPort: number;
    endpoint: string;
    region: string;
    invocationId: string;
  }): Promise<void> {
    const { redisPort, endpoint, region, invocationId } = input;
    const client = createSdkTatClient({
      endpoint,
      timeoutMs: 10_000,
      credentials: createCredentialSource({ secretId: 'AKIDSIMULATOR', secretKey: 'simulator-secret-key' }),
    });
    const limiter = new Bottleneck({
      id: '{bottleneck}',
      minTime: 52,
      datastore: 'ioredis',
      clientOptions: { host: '127.0.0.1', port: redisPort },
    });
    limiter.on('error', () => {});
    const send = () => client.cancelInvocation({ region, invocationId, instanceIds: ['ins-00000001'] });
    const goOn = async () => {
      for (;;) await limiter.schedule(send);
    };
    await limiter.ready();
    for (let each = 0; each < underWay; each++) void goOn();
  },
};

export type BottleneckRedisProcess = typeof api;

answerParent(api);
