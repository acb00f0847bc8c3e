import Bottleneck from 'bottleneck';
import type { RedisClient } from '../redis-connection.js';
import { createBottleneckClient } from './bottleneck-client.js';
import type { LimiterPlan } from './limiter-plan.js';
import type { Placement } from './placement.js';
import type { RedisTiming } from './redis-timing.js';
import { horizonMs, toleranceMs, windowMs } from './window.js';

/** A reservation that was never finished (its process died) is forgotten this long after it was due, in ms. */
const expirationMs = 10_000;

/** Processes that found no place ask again within this time, in ms, not all at once; and well within the horizon. */
const mostTurnMs = horizonMs / 2;

type RegisterReply = [
  success: number,
  waitMs: number,
  reservoir: null,
  granted: number,
  planned: string,
  serverTime: string,
  interval: string,
  othersInterval: string,
  plannedBefore: string,
];

/** What the next reservation is for, asked at the moment of placing. */
export interface Demand {
  readonly isFull: boolean;
  /** How long before it is due the permit is wanted, in ms. */
  readonly aheadMs: number;
}

export interface SchedulerHooks {
  readonly timing: RedisTiming;
  /** A name for the next permit that no other has. */
  nextId(): string;
  onError(error: unknown): void;
  /** What was timed before is wrong. */
  onClockJump(): void;
}

/**
 * One Bottleneck limiter that schedules one permit at a time. Schedulers of the same plan share the log in Redis,
 * whichever process they are in.
 */
export class PermitScheduler {
  readonly #limiter: Bottleneck;
  #demand: Demand = { isFull: true, aheadMs: 0 };
  #id = '';
  #placement: Placement | undefined;
  #fail: ((error: unknown) => void) | undefined;
  #askedAt = 0;

  constructor(
    redis: RedisClient,
    private readonly plan: LimiterPlan,
    private readonly hooks: SchedulerHooks,
  ) {
    const client = createBottleneckClient(redis, {
      keys: [plan.shareKey, plan.logKey, plan.limitKey],
      registerArguments: () => this.#registerArguments(),
      onRegistered: (reply, sentAt) => this.#onRegistered(reply as RegisterReply, sentAt),
    });
    const connection = new Bottleneck.IORedisConnection({ client });
    this.#limiter = new Bottleneck({ id: plan.id, minTime: plan.intervalMs, connection });
    this.#limiter.on('error', hooks.onError);
    this.#limiter.ready().catch(() => {}); // `ready` tells whoever asks
  }

  get busy(): boolean {
    return this.#fail !== undefined;
  }

  /** Resolves when Bottleneck's state is there. Rejects when Redis fails. */
  async ready(): Promise<void> {
    await this.#limiter.ready();
  }

  /**
   * Places a permit and resolves when it is due, or as much earlier as it is wanted. When Redis fails, `onError` hears
   * of it, and the scheduler is of no use any more: Bottleneck does not end the task. One at a time.
   */
  reserve(demand: Demand): Promise<Placement> {
    this.#demand = demand;
    return new Promise<Placement>((resolve, reject) => {
      this.#fail = reject;
      this.#askedAt = performance.now();
      // Resolved from inside: `schedule` itself resolves a round trip later, when the permit may be too old.
      const permit = async () => {
        this.#fail = undefined;
        if (this.#placement === undefined) reject(new Error('Bottleneck ran a task without a permit'));
        else resolve(this.#placement);
      };
      this.#limiter.schedule({ expiration: expirationMs }, permit).catch(reject);
    });
  }

  /** Gives up a reservation under way, and stops the heartbeat. The connection is not the scheduler's to close. */
  dispose(): void {
    this.#fail?.(new Error('the connection was given up'));
    this.#fail = undefined;
    const stopHeartbeat = () => void this.#limiter.disconnect(false);
    stopHeartbeat();
    this.#limiter.ready().then(stopHeartbeat, () => {}); // it may start only now
  }

  #registerArguments(): (string | number)[] {
    const { callsPerSecond, mostOutstanding } = this.plan;
    this.#id = this.hooks.nextId();
    return [
      callsPerSecond,
      windowMs,
      toleranceMs,
      horizonMs,
      mostOutstanding,
      this.hooks.timing.leadMs(this.#demand.aheadMs),
      this.#demand.isFull ? 1 : 0,
      this.#id,
    ];
  }

  #onRegistered(reply: RegisterReply, sentAt: number): unknown {
    const { timing, onClockJump } = this.hooks;
    const receivedAt = performance.now();
    const [, , , grantedFlag, planned, serverTime, interval, othersInterval, plannedBefore] = reply;
    if (!timing.note({ sentAt, receivedAt, serverTime: Number(serverTime) })) onClockJump();
    timing.noteReservation(receivedAt - this.#askedAt);
    const dueAt = timing.toLocal(Number(planned));
    const granted = grantedFlag === 1;
    this.#placement = {
      granted,
      id: this.#id,
      dueAt,
      dueAtByWall: Date.now() + dueAt - receivedAt,
      planned: Number(planned),
      plannedBefore: Number(plannedBefore),
      intervalMs: Number(interval),
      othersIntervalMs: Number(othersInterval),
    };
    // Bottleneck would count the wait from the answer's arrival; the permit is due when the server's clock says so.
    const aheadMs = granted ? this.#demand.aheadMs : 0;
    const turnMs = granted ? 0 : Math.random() * mostTurnMs;
    return [1, Math.ceil(Math.max(dueAt - aheadMs - receivedAt, 0) + turnMs), null];
  }
}
