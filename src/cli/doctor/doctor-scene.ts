import { cancelQueueName } from '../../shared/queue-names.js';
import { OverviewReader, type QueueOverview } from '../../shared/queue-overview.js';
import { createRedisClient, type RedisClient } from '../../shared/redis-connection.js';
import { readRedisInfo } from '../../shared/redis-preflight.js';
import { CloudProbe } from './cloud-probe.js';
import type { DoctorSettings } from './doctor-settings.js';

const commandLimitMs = 3_000;

/** What checks look at. Facts that several of them need are read once. */
export class DoctorScene {
  readonly client: RedisClient;
  readonly cloud: CloudProbe;
  readonly prefix: string;
  /** Why the connection to Redis failed last. */
  connectionError: Error | undefined;
  #info: Promise<ReadonlyMap<string, string>> | undefined;
  #overview: Promise<QueueOverview> | undefined;

  constructor(readonly settings: DoctorSettings) {
    this.prefix = settings.queuePrefix;
    this.cloud = new CloudProbe(settings);
    this.client = createRedisClient({
      url: settings.redisUrl,
      patience: 'bounded',
      commandTimeoutMs: commandLimitMs,
      connectionName: 'tat-cancel-doctor',
    });
    this.client.on('error', (error: Error) => {
      this.connectionError = error;
    });
  }

  info(): Promise<ReadonlyMap<string, string>> {
    this.#info ??= readRedisInfo(this.client);
    return this.#info;
  }

  overview(): Promise<QueueOverview> {
    this.#overview ??= new OverviewReader({ client: this.client, prefix: this.prefix }).read();
    return this.#overview;
  }

  /** A key of the queue of cancel jobs, as BullMQ names it. */
  queueKey(part: string): string {
    return `${this.prefix}:${cancelQueueName}:${part}`;
  }

  close(): void {
    this.client.disconnect();
  }
}
