import type { NamedVerdict } from '../../src/cli/doctor/run-checks.js';
import { parseEndpoint } from '../../src/cloud/endpoint.js';
import type { SimulatorOptions } from '../../src/simulator/index.js';
import { CliSession } from './cli-session.js';
import { type Installation, startInstallation, testRegion } from './installation.js';
import { PrivateRedis } from './private-redis.js';
import { fixedVersion, RedisProxy } from './redis-proxy.js';

export interface DoctorReport {
  readonly exitCode: number;
  readonly healthy: boolean;
  readonly checks: readonly NamedVerdict[];
  /** The verdict of one check. */
  of(name: string): NamedVerdict;
}

/** An installation on a Redis of its own, set up as the readme says, for a doctor to look at. */
export class DoctorPatient {
  private constructor(
    readonly redis: PrivateRedis,
    readonly proxy: RedisProxy,
    readonly installation: Installation,
  ) {}

  static async start(
    options: { workers?: number; simulator?: SimulatorOptions } = {},
  ): Promise<DoctorPatient> {
    const redis = await PrivateRedis.start({ directives: [['appendfsync', 'always']] });
    const proxy = await RedisProxy.start(redis.port);
    proxy.version = fixedVersion;
    const installation = await startInstallation({
      redisUrl: redis.url,
      workers: 0,
      simulator: { callsPerSecond: 20, ...options.simulator },
    });
    const { url } = installation.simulator;
    // Named as the doctor names it, who knows the endpoint only.
    const accessPointOf = () => parseEndpoint(url).hostFor(testRegion);
    for (let started = 0; started < (options.workers ?? 0); started++)
      installation.startWorker({ accessPointOf });
    return new DoctorPatient(redis, proxy, installation);
  }

  get environment(): Record<string, string | undefined> {
    return {
      REDIS_URL: this.proxy.url,
      QUEUE_PREFIX: this.installation.prefix,
      TAT_ENDPOINT: this.installation.simulator.url,
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
      TENCENTCLOUD_REGION: testRegion,
    };
  }

  /** What the doctor says, with some settings changed. */
  async examine(changes: Record<string, string | undefined> = {}): Promise<DoctorReport> {
    const environment = { ...this.environment, ...changes };
    const session = new CliSession(this.installation.prefix);
    const { exitCode, document } = await session.runJson<Omit<DoctorReport, 'of' | 'exitCode'>>(['doctor'], {
      environment,
    });
    const of = (name: string) => {
      const found = document.checks.find((verdict) => verdict.name === name);
      if (found === undefined) throw new Error(`no check ${name}`);
      return found;
    };
    return { ...document, exitCode, of };
  }

  /** A key of the queue of cancel jobs. */
  queueKey(part: string): string {
    return `${this.installation.prefix}:tat-cancel:${part}`;
  }

  async stop(): Promise<void> {
    await this.installation.close();
    await this.proxy.stop();
    await this.redis.stop();
  }
}
