import { once, setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../shared/clock.js';
import { ControlApi, controlPrefix } from './control/control-api.js';
import { FaultSchedule } from './faults/fault-schedule.js';
import { ApiListener } from './gateway/api-listener.js';
import { CallBuckets } from './gateway/call-buckets.js';
import {
  CredentialBook,
  defaultCredential,
  type SimulatedCredential,
  uinOf,
} from './gateway/credential-book.js';
import type { ForeignClient } from './gateway/foreign-client.js';
import { sendText } from './gateway/send-answer.js';
import { CallLog } from './record/call-log.js';
import { CallRecord } from './record/call-record.js';
import { defaultPlantedSecret, defaultRegions, type SimulatorOptions } from './simulator-options.js';
import type { InvokerFacts, InvokerSpec } from './world/invokers.js';
import type { InvocationFacts } from './world/simulated-invocation.js';
import type { TaskStatus } from './world/task-state.js';
import { type InvocationSpec, type SimulatedTask, World } from './world/world.js';

const keepAliveMs = 60_000;

/** Makes a simulator of the TAT API. No I/O happens before `start`; a world can be laid out right away. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  return new Simulator(options);
}

/**
 * A TAT API of one's own, faithful to what is known of the real one: signatures, call limit, checks, messages, and tasks
 * that move with time. The world, the record and the counts outlive `close`; `start` serves them again.
 */
export class Simulator {
  /** Every call that arrived. */
  readonly record: CallRecord;
  /** What goes wrong. */
  readonly faults: FaultSchedule;
  /** The keys that are known, for change at run time. */
  readonly credentials: CredentialBook;
  /** The call limits, for change at run time. */
  readonly buckets: CallBuckets;
  readonly world: World;
  /** What must never be seen in a log: the planted secret, plain and as it is encoded in command contents. */
  readonly secretTraces: readonly string[];

  readonly #options: SimulatorOptions;
  readonly #api: ApiListener;
  readonly #control: ControlApi;
  #server: Server | undefined;
  #closing = new AbortController();
  #log: CallLog | undefined;
  #port: number;
  #starting: Promise<string> | undefined;
  #closed: Promise<void> = Promise.resolve();

  constructor(options: SimulatorOptions) {
    const { seed = 1, clock = systemClock, gatewayClock = systemClock, regions = defaultRegions } = options;
    const plantedSecret = options.plantedSecret ?? defaultPlantedSecret;
    const defaultRegion = options.defaultRegion ?? regions[0] ?? 'ap-singapore';
    this.#options = options;
    this.#port = options.port ?? 0;
    this.record = new CallRecord(options.keptCalls ?? 1_000_000);
    this.faults = new FaultSchedule(options.faults ?? [], seed);
    this.credentials = new CredentialBook(options.credentials ?? [defaultCredential]);
    this.buckets = new CallBuckets(options.callsPerSecond);
    this.world = new World({ seed, clock, defaultRegion, plantedSecret });
    this.secretTraces = [
      plantedSecret,
      this.world.command.content,
      Buffer.from(plantedSecret).toString('base64'),
    ];
    this.#control = new ControlApi(this);
    this.#api = new ApiListener({
      admission: {
        credentials: this.credentials,
        buckets: this.buckets,
        regions,
        invalidRegionCode: options.invalidRegionCode ?? 'UnsupportedRegion',
      },
      faults: this.faults,
      record: this.record,
      world: this.world,
      settings: {
        regions,
        emptyInstanceIds: options.emptyInstanceIds ?? 'rejected',
        namesOffender: options.namesOffender ?? false,
        tasksShown: options.tasksShown ?? Number.POSITIVE_INFINITY,
        runCommandBehaviour: options.runCommandBehaviour ?? 'running',
      },
      clock,
      gatewayClock,
      latency: options.latency ?? { minMs: 0, maxMs: 0 },
      seed,
    });
  }

  /** Where it listens, as `http://127.0.0.1:40123`. Throws while it was never started. */
  get url(): string {
    return `http://${this.endpoint}`;
  }

  /** The same without the scheme, as the cloud's own library wants it. */
  get endpoint(): string {
    if (this.#port === 0) throw new Error('the simulator was not started');
    const { host = '127.0.0.1' } = this.#options;
    return `${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  /** Listens, and resolves with `url`. Rejects when the port is taken or the call log cannot be opened. */
  start(): Promise<string> {
    this.#starting ??= this.#listen().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  /** Ends all connections, hanging ones too, and resolves when nothing is open. */
  close(): Promise<void> {
    const starting = this.#starting;
    if (starting !== undefined) {
      this.#starting = undefined;
      this.#closed = starting.then(() => this.#shut()).catch(() => {}); // a failed start left nothing open
    }
    return this.#closed;
  }

  /** Adds an invocation to the world and tells its ids. Throws a RangeError for a spec that makes no sense. */
  addInvocation(spec?: InvocationSpec): InvocationFacts {
    return this.world.add(spec).facts;
  }

  /** Adds many alike; a million tasks take about a second. */
  addInvocations(count: number, spec?: Omit<InvocationSpec, 'invocationId'>): InvocationFacts[] {
    return Array.from({ length: count }, () => this.addInvocation(spec));
  }

  /** Adds a schedule that starts a command, and tells its facts. */
  addInvoker(spec?: InvokerSpec): InvokerFacts {
    return this.world.addInvoker(spec).facts;
  }

  /** The state of one task now. */
  task(invocationId: string, instanceId: string): SimulatedTask | undefined {
    return this.world.task(invocationId, instanceId);
  }

  /** How many tasks are in which status now. */
  countByStatus(): Partial<Record<TaskStatus, number>> {
    return this.world.countByStatus();
  }

  /** Somebody else begins to use the call limit of a key's sub-account (default: the first key's). */
  startForeignClient(
    action: string,
    callsPerSecond: number,
    credential?: SimulatedCredential,
  ): ForeignClient {
    const uin = uinOf(credential ?? this.credentials.first());
    return this.buckets.startForeignClient(action, uin, callsPerSecond);
  }

  async #listen(): Promise<string> {
    await this.#closed;
    const { host = '127.0.0.1', callLogPath } = this.#options;
    const closing = new AbortController();
    setMaxListeners(0, closing.signal); // one for each call that waits for its answer
    const server = createServer((message, response) => this.#serve(message, response, closing.signal));
    server.keepAliveTimeout = keepAliveMs;
    server.listen(this.#port, host);
    await once(server, 'listening');
    server.on('clientError', (_error, socket) => socket.destroy());
    this.#server = server;
    this.#closing = closing;
    this.#port = (server.address() as AddressInfo).port;
    if (callLogPath !== undefined) {
      this.#log = await CallLog.open(callLogPath, this.record).catch(async (error: unknown) => {
        await this.#shut();
        throw error;
      });
    }
    return this.url;
  }

  async #shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#closing.abort();
    if (server !== undefined) {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    }
    await this.#log?.close();
    this.#log = undefined;
  }

  #serve(message: IncomingMessage, response: ServerResponse, signal: AbortSignal): void {
    const path = (message.url ?? '').split('?')[0] ?? '';
    if (path === '/') void this.#api.handle(message, response, signal);
    else if (path.startsWith(controlPrefix)) void this.#control.handle(message, response);
    else sendText(response, 404, 'text/html', '<html><body><h1>404 Not Found</h1></body></html>\n');
  }
}
