import Bottleneck from 'bottleneck';
import type { RedisClient } from '../../shared/redis-connection.js';
import { createBottleneckClient } from './bottleneck-client.js';
import type { LimiterPlan } from './limiter-plan.js';
import type { SlotTiming } from './slot-timing.js';
import type { Ticket } from './ticket.js';

/** A permit that nobody handed back (its process died) is forgotten this long after its slot, in ms. */
const expirationMs = 10_000;

/** Many processes that found no place ask again within so many spacings, not all at once. */
const mostTurnsToWait = 10;

type RegisterReply = [
  success: number,
  waitMs: number,
  reservoir: null,
  granted: number,
  slot: string,
  serverTime: string,
  spacing: string,
  idle: string,
  othersSpacing: string,
  grace: string,
  postponed: string,
];

/**
 * One Bottleneck limiter that schedules one ticket at a time. Lanes of the same plan share the schedule in Redis,
 * whichever process they are in.
 */
export class SlotLane {
  readonly #limiter: Bottleneck;
  #registered: Ticket | undefined;
  #fail: ((error: unknown) => void) | undefined;
  #askedAt = 0;

  constructor(
    redis: RedisClient,
    plan: LimiterPlan,
    private readonly timing: SlotTiming,
    onError: (error: unknown) => void,
  ) {
    const client = createBottleneckClient(redis, plan.coolDownMs, {
      paceKey: plan.paceKey,
      registerArguments: () => [
        plan.spacingMs,
        timing.leadMs,
        plan.horizonMs,
        timing.graceMs(plan.spacingMs),
      ],
      onRegistered: (reply, sentAt) => this.#onRegistered(reply as RegisterReply, sentAt),
    });
    const connection = new Bottleneck.IORedisConnection({ client });
    this.#limiter = new Bottleneck({ id: plan.id, minTime: plan.spacingMs, connection });
    this.#limiter.on('error', onError);
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
   * Reserves a slot and resolves when it is due. When Redis fails, `onError` hears of it, and the lane is of no use
   * any more: Bottleneck does not end the task. One at a time.
   */
  reserve(): Promise<Ticket> {
    return new Promise<Ticket>((resolve, reject) => {
      this.#fail = reject;
      this.#askedAt = performance.now();
      // Resolved from inside: `schedule` itself resolves a round trip later, when the slot may be stale.
      const permit = async () => {
        this.#fail = undefined;
        if (this.#registered === undefined) reject(new Error('Bottleneck ran a task without a slot'));
        else resolve(this.#registered);
      };
      this.#limiter.schedule({ expiration: expirationMs }, permit).catch(reject);
    });
  }

  /** Gives up a reservation under way, and stops the heartbeat. The connection is not the lane's to close. */
  dispose(): void {
    this.#fail?.(new Error('the limiter was thrown away'));
    this.#fail = undefined;
    const stopHeartbeat = () => void this.#limiter.disconnect(false);
    stopHeartbeat();
    this.#limiter.ready().then(stopHeartbeat, () => {}); // it may start only now
  }

  #onRegistered(reply: RegisterReply, sentAt: number): unknown {
    const receivedAt = performance.now();
    const [, , , granted, slot, serverTime, spacing, idle, othersSpacing, grace, postponed] = reply;
    this.timing.note({ sentAt, receivedAt, serverTime: Number(serverTime) });
    this.timing.noteReservation(receivedAt - this.#askedAt);
    const dueAt = this.timing.toLocal(Number(slot));
    this.#registered = {
      granted: granted === 1,
      dueAt,
      dueAtByWall: Date.now() + dueAt - receivedAt,
      spacingMs: Number(spacing),
      idleMs: Number(idle),
      graceMs: Number(grace),
      othersSpacingMs: Number(othersSpacing),
      postponedMs: Number(postponed),
      aheadMs: Number(slot) - Number(serverTime),
      epoch: this.timing.epoch,
    };
    // Bottleneck would count the wait from the answer's arrival; the slot is due when the server's clock says so.
    const waitMs = Math.max(dueAt - receivedAt, 0);
    return [1, granted === 1 ? waitMs : waitMs + Math.random() * mostTurnsToWait * Number(spacing), null];
  }
}
