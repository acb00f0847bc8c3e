import { type EnqueuedRequest, EnqueueError } from '../../../src/producer/index.js';
import { pass } from '../pass-time.js';
import { waitUntil } from '../wait-until.js';
import { judgeCalls } from './mix-calls.js';
import { addMixFaults } from './mix-faults.js';
import { sourceFor } from './mix-features.js';
import { MixJudge, type MixOutage } from './mix-judge.js';
import type { MixPace } from './mix-pace.js';
import { type MixAsk, type MixPlan, type MixStrike, planMix, wrongRegion } from './mix-plan.js';
import { MixStage } from './mix-stage.js';
import { type MixRequest, MixWitness } from './mix-witness.js';

export interface MixOptions {
  readonly pace: MixPace;
  /** Features that are left out. */
  readonly without?: readonly string[];
}

export interface MixFinding {
  readonly seed: number;
  readonly features: readonly string[];
  readonly instances: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly tookMs: number;
  /** What should never be. Empty when all is well. */
  readonly violations: readonly string[];
}

const looksEveryMs = 250;
/** Codes of agents that do not answer: another try takes as long again, and ends in the same way. */
const agentCodes = new Set(['NotConfirmed', 'AgentUnresponsive']);

/** Plays what one seed decides, to the end, and compares every outcome with the cloud's own truth. */
export async function playMix(seed: number, { pace, without }: MixOptions): Promise<MixFinding> {
  const stage = await MixStage.start(seed, pace);
  try {
    return await new RandomMix(stage, planMix(seed, stage.simulator, pace, without), pace).play();
  } finally {
    await stage.close();
  }
}

class RandomMix {
  readonly #requests: MixRequest[];
  readonly #witness: MixWitness;
  readonly #outages: MixOutage[] = [];
  readonly #startedAtMs = performance.now();
  #isOver = false;

  constructor(
    private readonly stage: MixStage,
    private readonly plan: MixPlan,
    private readonly pace: MixPace,
  ) {
    this.#requests = plan.asks.map((ask) => ({ ask }));
    this.#witness = new MixWitness(this.#requests, stage.producer, stage.operator);
  }

  async play(): Promise<MixFinding> {
    const { stage, plan } = this;
    addMixFaults(stage.simulator, plan);
    const victim = plan.features.has('kill') ? await stage.startProcess() : undefined;
    stage.startWorkers(plan.workers);
    const watching = this.#watch();
    try {
      const strikes = plan.strikes.map((strike) => this.#strike(strike, () => victim?.kill()));
      await Promise.all([...this.#requests.map((request) => this.#ask(request)), ...strikes]);
      await this.#untilFinished('of others finish while some are refused', ({ isRefused }) => !isRefused);
      await this.#grant();
      await this.#untilFinished('finish', () => true);
      await this.#judge();
      await this.#redriveRest();
    } catch (error) {
      this.#witness.note(error instanceof Error ? error.message : String(error));
    } finally {
      this.#isOver = true;
      await watching;
    }
    return this.#finding(await this.#outcomes().catch(() => ({})));
  }

  /** Looks at everything again and again; what it cannot see while Redis is away it sees later. */
  async #watch(): Promise<void> {
    while (!this.#isOver) {
      await this.#witness.look().catch(() => {});
      await pass(looksEveryMs);
    }
  }

  async #ask(request: MixRequest): Promise<void> {
    const { atMs, againAtMs, withdrawAtMs, request: content } = request.ask;
    await this.#at(atMs);
    const enqueue = () => this.stage.producer.enqueue(content);
    const { requestId } = await waitUntil(
      'a request is taken',
      () => enqueue().catch(() => undefined),
      30_000,
    );
    request.requestId = requestId;
    const again = async () => {
      if (againAtMs === undefined) return;
      await this.#at(againAtMs);
      await waitUntil('a repeated request is answered', () => this.#repeat(request, enqueue), 30_000);
    };
    await Promise.all([
      again(),
      withdrawAtMs === undefined ? undefined : this.#withdraw(request, withdrawAtMs),
    ]);
  }

  /** The same key and content again: the same request, or the news that it was withdrawn. False while Redis is away. */
  async #repeat(request: MixRequest, enqueue: () => Promise<EnqueuedRequest>): Promise<boolean> {
    try {
      const { requestId, duplicate } = await enqueue();
      if (requestId !== request.requestId || !duplicate) {
        this.#witness.note(`${request.requestId} became two requests`);
      }
      return true;
    } catch (error) {
      if (!(error instanceof EnqueueError) || error.code === 'REDIS_UNAVAILABLE') return false;
      if (request.withdrawnFromMs === undefined)
        this.#witness.note(`a repetition was refused: ${error.message}`);
      return true;
    }
  }

  async #withdraw(request: MixRequest, atMs: number): Promise<void> {
    await this.#at(atMs);
    request.withdrawnFromMs = performance.now();
    const { requestId = '' } = request;
    await waitUntil(
      'a request is withdrawn',
      () => this.stage.producer.withdraw(requestId).catch(() => undefined),
      30_000,
    );
    request.withdrawnAtMs = performance.now();
  }

  async #strike(strike: MixStrike, kill: () => Promise<void> | undefined): Promise<void> {
    await this.#at(strike.atMs);
    switch (strike.kind) {
      case 'kill':
        await kill();
        await this.stage.startProcess();
        break;
      case 'restart':
        await this.stage.server.kill();
        await pass(strike.forMs);
        await this.stage.server.restart();
        break;
      case 'outage':
        await this.#outage(strike);
        break;
      default:
        await this.#deal(strike);
    }
  }

  async #outage({ how, forMs }: MixStrike & { kind: 'outage' }): Promise<void> {
    const { simulator } = this.stage;
    const outage = { fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
    this.#outages.push(outage);
    if (how === 'refused') {
      await simulator.close();
      await pass(forMs);
      await simulator.start();
    } else {
      simulator.faults.clear();
      simulator.faults.add(how === 'HTTP 502' ? { http: 502 } : { code: how });
      await pass(forMs);
      simulator.faults.clear();
      addMixFaults(simulator, this.plan);
    }
    outage.toMs = performance.now() + this.pace.worker.callTimeoutMs;
  }

  /** Some of the letters that are there, dealt with once or by two people at once. */
  async #deal({ kind, isTwice, share, atMs }: MixStrike & { kind: 'redrive' | 'discard' }): Promise<void> {
    const random = sourceFor(this.plan.seed, `${kind} ${atMs}`);
    await waitUntil(`letters are looked at for a ${kind}`, async () => {
      try {
        const letters = (await this.stage.operator.letters()).filter(() => random.chance(share));
        await this.#witness.deal(kind, letters, isTwice ? 2 : 1);
        return true;
      } catch {
        return false; // Redis is away: another look
      }
    });
  }

  /** What was refused is granted, and what can never be done is taken back. */
  async #grant(): Promise<void> {
    const { credentials } = this.stage.simulator;
    credentials.update(credentials.first().secretId, { deniedInvocations: [] });
    for (const request of this.#requests) {
      const isWrong = request.ask.request.targets.some(({ region }) => region === wrongRegion);
      if (isWrong) await this.#withdraw(request, 0);
    }
  }

  /** With the causes gone, everything that is sent round again is done. */
  async #redriveRest(): Promise<void> {
    this.stage.simulator.faults.clear();
    const withdrawn = this.#requests.flatMap(({ requestId, withdrawnFromMs }) =>
      withdrawnFromMs === undefined ? [] : [requestId],
    );
    const letters = (await this.stage.operator.letters()).filter(
      ({ code, requestId }) => !agentCodes.has(code) && !withdrawn.includes(requestId),
    );
    if (letters.length === 0) return;
    const healedAtMs = performance.now();
    await this.#witness.deal('redrive', letters, 1);
    await this.#untilFinished('finish after a redrive', () => true);
    await this.#judge(healedAtMs);
  }

  async #judge(healedAtMs?: number): Promise<void> {
    const { plan, pace } = this;
    const { simulator, operator, lag } = this.stage;
    await this.#untilLettersAgree();
    const letters = await operator.letters();
    const evidence = { plan, pace, simulator, witness: this.#witness, outages: this.#outages, letters };
    const judge = new MixJudge({ ...evidence, ...(healedAtMs === undefined ? {} : { healedAtMs }) });
    for (const request of this.#requests) {
      const { requestId = '' } = request;
      const status = await this.stage.producer.status(requestId);
      if (status === undefined) this.#witness.note(`request ${requestId} is gone`);
      else judge.judge(request, status, await this.#witness.recordsOf(requestId));
    }
    const calls = judgeCalls(simulator, this.#requests, pace.callsPerSecond, lag);
    for (const violation of calls) this.#witness.note(violation);
  }

  /** Letters may come to where people look a moment after their instances died. The judge says which one does not. */
  async #untilLettersAgree(): Promise<void> {
    const agree = async () => {
      const { 'dead-lettered': dead = 0 } = await this.#outcomes();
      const letters = await this.stage.operator.letters();
      return letters.reduce((sum, { names }) => sum + names.length, 0) + this.#witness.discarded.size >= dead;
    };
    await waitUntil('letters are where people look', agree, 10_000).catch(() => {});
  }

  async #untilFinished(what: string, which: (ask: MixAsk) => boolean): Promise<void> {
    const requests = this.#requests.filter(({ ask }) => which(ask));
    await waitUntil(
      `all requests ${what}`,
      () => this.#witness.areFinished(requests).catch(() => false),
      this.pace.withinMs,
    ).catch(async (error: unknown) => {
      throw new Error(
        `${error instanceof Error ? error.message : error}; ${await this.#describeOpen(requests)}`,
      );
    });
  }

  async #describeOpen(requests: readonly MixRequest[]): Promise<string> {
    const open: string[] = [];
    for (const { requestId = '' } of requests) {
      const status = await this.stage.producer.status(requestId);
      if (status?.state === 'finished' || status?.state === 'withdrawn') continue;
      const records = await this.#witness.recordsOf(requestId);
      const undone = records.filter(({ state }) => state === 'waiting' || state === 'accepted');
      const examples = undone.slice(0, 3).map(({ invocationId, instanceId = '*', state }) => {
        const task = this.stage.simulator.task(invocationId, instanceId)?.status;
        return `${invocationId} ${instanceId} ${state} (${task})`;
      });
      open.push(
        `${requestId} ${status?.state} ${undone.length} open of ${records.length}: ${examples.join(', ')}`,
      );
    }
    const calls = JSON.stringify(this.stage.simulator.record.countByCode());
    return `${open.join('; ')}; calls ${calls}`;
  }

  async #outcomes(): Promise<Record<string, number>> {
    const outcomes: Record<string, number> = {};
    for (const { requestId = '' } of this.#requests) {
      const status = await this.stage.producer.status(requestId);
      for (const [state, count] of Object.entries(status?.counts ?? {}))
        outcomes[state] = (outcomes[state] ?? 0) + count;
    }
    return outcomes;
  }

  /** Resolves so long after the beginning, or at once if that is past. */
  async #at(atMs: number): Promise<void> {
    await pass(Math.max(0, this.#startedAtMs + atMs - performance.now()));
  }

  #finding(outcomes: Record<string, number>): MixFinding {
    return {
      seed: this.plan.seed,
      features: [...this.plan.features],
      instances: Object.values(outcomes).reduce((sum, count) => sum + count, 0),
      outcomes: Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0)),
      calls: this.stage.simulator.record.count('CancelInvocation'),
      tookMs: Math.round(performance.now() - this.#startedAtMs),
      violations: this.#witness.violations,
    };
  }
}
