import { onTestFinished } from 'vitest';
import {
  createSimulator,
  type InvocationSpec,
  type Simulator,
  type SimulatorOptions,
} from '../../../src/simulator/index.js';
import type { InvocationFacts } from '../../../src/simulator/world/simulated-invocation.js';
import { CliSession } from '../../support/cli-session.js';
import { createTestWorker } from '../../support/test-worker.js';

const regions = Array.from({ length: 60 }, (_, number) => `ap-test${number}`);

/**
 * The `tat-cancel` command before a simulated cloud of its own. A new call limiter holds its first slot back for a
 * second, so tests share a session and move to a region that no other test has filled.
 */
export class FindSession extends CliSession {
  #moves = 0;

  private constructor(
    readonly simulator: Simulator,
    prefix?: string,
  ) {
    super(prefix);
  }

  /** Carries out what the commands enqueue, until the test is over. */
  startWorker(): void {
    const { REDIS_URL: redisUrl = '' } = this.environment;
    const { prefix, simulator } = this;
    const place = { redisUrl, prefix, simulatorUrl: simulator.url };
    const worker = createTestWorker(place, { accessPointOf: () => new URL(simulator.url).host });
    worker.start();
    onTestFinished(() => worker.close(0));
  }

  static async start(options: SimulatorOptions = {}, prefix?: string): Promise<FindSession> {
    const simulator = createSimulator({ regions, ...options });
    await simulator.start();
    return new FindSession(simulator, prefix);
  }

  get region(): string {
    return regions[this.#moves] ?? '';
  }

  /** Goes to a region without invocations, and forgets the calls so far and what was denied to the key. */
  move(): void {
    this.#moves += 1;
    this.simulator.record.clear();
    this.simulator.credentials.update('AKIDSIMULATOR', { deniedActions: [] });
  }

  /** Adds an invocation where this session looks. */
  add(spec: InvocationSpec = {}): InvocationFacts {
    return this.simulator.addInvocation({ region: this.region, ...spec });
  }

  async countRequests(): Promise<number> {
    const { stdout } = await this.run(['requests', '--json', '--limit', '1000']);
    return (JSON.parse(stdout) as { requests: unknown[] }).requests.length;
  }

  override get environment(): Record<string, string> {
    return {
      ...super.environment,
      TENCENTCLOUD_REGION: this.region,
      TAT_ENDPOINT: this.simulator.url,
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
    };
  }

  /** Calls that read, by action. */
  get readCalls(): Record<string, number> {
    const { record } = this.simulator;
    const actions = record.actions().filter((action) => action.startsWith('Describe'));
    return Object.fromEntries(actions.map((action) => [action, record.count(action)]));
  }

  override async close(): Promise<void> {
    await this.simulator.close();
    await super.close();
  }
}

/** The document of --json, as far as these tests look. */
export interface FoundDocument {
  readonly dryRun?: true;
  readonly requestId: string | null;
  readonly instances: number;
  readonly jobs: number;
  readonly found: readonly {
    readonly invocationId: string;
    readonly isWhole: boolean;
    readonly instanceIds?: readonly string[];
    readonly unfinished: number;
    readonly states: Readonly<Record<string, number>>;
    readonly startedBy: string;
    readonly invokerId: string | null;
  }[];
  readonly foundInstances: number;
  readonly examined: number;
  readonly calls: number;
  readonly invokers: readonly { readonly invokerId: string; readonly isEnabled: boolean }[];
  readonly outcome?: { readonly total: number; readonly counts: Readonly<Record<string, number>> };
}

export function targetsOf({ found }: FoundDocument): Map<string, readonly string[] | 'whole'> {
  return new Map(found.map((each) => [each.invocationId, each.instanceIds ?? 'whole']));
}
