import { brokenAnswers } from '../../src/simulator/faults/fault-rule.js';
import { fakeClock, fakeTimeLibrary } from './fake-clock.js';
import type { FaultProxy } from './fault-proxy.js';
import type { FaultScene } from './fault-scene.js';
import type { FaultWorker } from './fault-worker.js';
import { pass } from './pass-time.js';
import type { RandomSource } from './random-source.js';

export interface Place {
  worker: FaultWorker;
  readonly proxy: FaultProxy;
  /** Never killed, so that a long run shows whether it leaks. */
  readonly isSteady: boolean;
}

interface Fault {
  readonly name: string;
  /** Begins and ends within itself. */
  run(): Promise<void>;
}

/** The checker takes these for answers that arrived, though they are none for the worker. */
const misleading = new Set<string>(['large-body', 'event-stream', 'slow-body']);
const answers = brokenAnswers.filter((answer) => !misleading.has(answer));

const queueKeys = ['meta', 'wait', 'active', 'prioritized', 'delayed', 'marker', 'stalled'];

/** Faults of every kind at random moments, each of which heals. */
export class RandomFaults {
  constructor(
    private readonly scene: FaultScene,
    private readonly random: RandomSource,
    private readonly places: Place[],
  ) {}

  /** One fault, from its beginning to its end. Resolves with its name. */
  async strike(): Promise<string> {
    const fault = this.random.pick([
      ...this.#ofProcesses(),
      ...this.#ofRedis(),
      ...this.#ofNetwork(),
      ...this.#ofCloud(),
    ]);
    await this.scene.disrupt(fault.name, () => fault.run());
    return fault.name;
  }

  get #durationMs(): number {
    return this.random.between(200, 4_000);
  }

  #ofProcesses(): Fault[] {
    const { random, scene } = this;
    const place = random.pick(this.places);
    const mortal = random.pick(this.places.filter(({ isSteady }) => !isSteady));
    const durationMs = this.#durationMs;
    const replace = async (environment = {}) => {
      mortal.worker = await scene.startWorker({}, { redisUrl: mortal.proxy.url, environment });
    };
    const faults: Fault[] = [
      { name: 'kill', run: () => mortal.worker.kill().then(() => replace()) },
      { name: 'terminate', run: () => mortal.worker.terminate().then(() => replace()) },
      {
        name: 'stop',
        run: async () => {
          place.worker.signal('SIGSTOP');
          await pass(durationMs);
          place.worker.signal('SIGCONT');
        },
      },
      {
        name: 'block',
        run: async () => {
          place.worker.block(durationMs);
          await pass(durationMs);
        },
      },
    ];
    if (fakeTimeLibrary === undefined) return faults;
    const offset = random.pick(['+2s', '-2s', '+3m', '-3m']);
    return [
      ...faults,
      { name: `clock ${offset}`, run: () => mortal.worker.kill().then(() => replace(fakeClock(offset))) },
    ];
  }

  #ofRedis(): Fault[] {
    const { random, scene } = this;
    const { redis, server, prefix } = scene;
    const durationMs = this.#durationMs;
    const key = random.pick(queueKeys);
    return [
      {
        name: 'restart Redis',
        run: async () => {
          await server.kill();
          await pass(durationMs);
          await server.restart();
        },
      },
      {
        name: 'stop Redis',
        run: async () => {
          process.kill(server.pid, 'SIGSTOP');
          await pass(durationMs);
          process.kill(server.pid, 'SIGCONT');
        },
      },
      {
        name: 'no memory',
        run: async () => {
          await redis.config('SET', 'maxmemory', '1');
          await pass(durationMs);
          await redis.config('SET', 'maxmemory', '0');
        },
      },
      {
        name: 'cut all clients',
        run: async () => {
          await redis.script('FLUSH');
          await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        },
      },
      { name: `delete ${key}`, run: async () => void (await redis.del(`${prefix}:tat-cancel:${key}`)) },
    ];
  }

  #ofNetwork(): Fault[] {
    const { random } = this;
    const { proxy } = random.pick(this.places);
    const durationMs = this.#durationMs;
    const ways = random.pick([['there'], ['back'], ['there', 'back']] as const);
    const bytes = random.between(1, 5_000);
    return [
      {
        name: `partition ${ways.join(' and ')}`,
        run: async () => {
          proxy.freeze(...ways);
          await pass(durationMs);
          if (random.chance(0.5)) proxy.reset();
          proxy.thaw();
        },
      },
      {
        name: 'slow network',
        run: async () => {
          proxy.delay = () => random.unit() * 40;
          await pass(durationMs);
          proxy.delay = () => 0;
        },
      },
      {
        name: `reset after ${bytes} bytes`,
        run: async () => {
          proxy.cutAfter(bytes, random.pick(['there', 'back']), 'reset');
          await pass(durationMs);
          proxy.disarm();
        },
      },
    ];
  }

  #ofCloud(): Fault[] {
    const { random, scene } = this;
    const { faults, credentials } = scene.simulator;
    const durationMs = this.#durationMs;
    const action = random.pick(['CancelInvocation', 'DescribeInvocations']);
    const executes = random.chance(0.5);
    const during = async (begin: () => void, end: () => void) => {
      begin();
      await pass(durationMs);
      end();
    };
    const answer = random.pick(answers);
    const code = random.pick([
      'InternalError',
      'RequestLimitExceeded',
      'ResourceUnavailable',
      'BrandNew.Trouble',
    ]);
    const clear = () => faults.clear();
    return [
      {
        name: `answers: ${answer}`,
        run: () => during(() => faults.add({ action, answer, executes, share: 0.5 }), clear),
      },
      { name: `answers: ${code}`, run: () => during(() => faults.add({ action, code, share: 0.5 }), clear) },
      {
        name: 'HTTP 502',
        run: () => during(() => faults.add({ action, http: 502, executes, share: 0.8 }), clear),
      },
      {
        name: 'key disabled',
        run: () =>
          during(
            () => credentials.disable('AKIDSIMULATOR'),
            () => credentials.enable('AKIDSIMULATOR'),
          ),
      },
      {
        name: 'cloud away',
        run: async () => {
          await scene.simulator.close();
          await pass(durationMs);
          await scene.simulator.start();
        },
      },
    ];
  }
}
