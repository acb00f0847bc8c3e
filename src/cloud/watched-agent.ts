import { type AgentOptions, type ClientRequest, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions as HttpsAgentOptions } from 'node:https';
import { JsonScan } from '../shared/json-bounds.js';
import { CallEndedError } from './call-ended.js';

/** The header that ties a request on the wire to the call it belongs to. */
export const traceHeader = 'X-TC-TraceId';

/** What was seen of one call on the wire: facts that the SDK drops or hides in texts. */
export interface WireTrace {
  status?: number;
  answerBytes: number;
  /** The first error of the connection, with its `code` (`ECONNREFUSED`, `CERT_HAS_EXPIRED`, …). */
  transportError?: NodeJS.ErrnoException;
}

export interface WatchedAgentOptions {
  readonly protocol: 'https:' | 'http:';
  /** Connections per host. More calls at once wait for one, and their deadline runs meanwhile. */
  readonly maxSockets: number;
  /** An answer with more bytes ends the call with `AnswerTooLarge`. */
  readonly maxAnswerBytes: number;
  readonly agentOptions?: HttpsAgentOptions;
}

/** Called at most once or twice, with the reason why the call cannot come to a good end any more. */
type EndCall = (reason: CallEndedError) => void;

/** What the caller has to do with the moment at which a request leaves. */
export interface Departure {
  /** The request is ready: it leaves when this resolves. */
  readonly whenDue?: () => Promise<void>;
  /** Asked right before; false keeps the request here. */
  readonly mayLeave?: () => boolean;
  /** The last byte has been handed to the network. */
  readonly onSent?: () => void;
}

interface WatchedCall {
  readonly trace: WireTrace;
  readonly end: EndCall;
  readonly departure: Departure;
}

/** Idle connections go before a gateway drops them: a call on a dropped one would fail for nothing. */
const idleMs = 15_000;

/**
 * A keep-alive agent that watches the requests it carries. It makes five things end a call at once that the SDK
 * would follow, unpack, wait out or swallow: a redirect (each hop is a further API call, past the limiter), a compressed
 * answer, an answer cut short by its connection, an answer without end, and one that would take its parser all memory.
 */
export class WatchedAgent {
  readonly agent: HttpAgent;
  readonly #calls = new Map<string, WatchedCall>();
  readonly #maxAnswerBytes: number;

  constructor(options: WatchedAgentOptions) {
    this.#maxAnswerBytes = options.maxAnswerBytes;
    const { maxSockets } = options;
    const gate = {
      whenDue: (request: ClientRequest) => this.#whenDue(request),
      attach: (request: ClientRequest) => this.#attach(request),
    };
    this.agent = createAgent(options.protocol, gate, {
      keepAlive: true,
      timeout: idleMs,
      ...options.agentOptions,
      maxSockets,
    });
  }

  /** Starts to watch the call whose requests carry this trace id. */
  watch(traceId: string, end: EndCall, departure: Departure = {}): WireTrace {
    const trace: WireTrace = { answerBytes: 0 };
    this.#calls.set(traceId, { trace, end, departure });
    return trace;
  }

  unwatch(traceId: string): void {
    this.#calls.delete(traceId);
  }

  /** Closes all connections, busy ones too. Safe to call twice. */
  destroy(): void {
    this.agent.destroy();
  }

  #whenDue(request: ClientRequest): Promise<void> | undefined {
    return this.#calls.get(String(request.getHeader(traceHeader)))?.departure.whenDue?.();
  }

  /** False: the request must not leave. */
  #attach(request: ClientRequest): boolean {
    const call = this.#calls.get(String(request.getHeader(traceHeader)));
    if (call === undefined) return true;
    const { mayLeave, onSent } = call.departure;
    if (mayLeave?.() === false) {
      // Whoever made the request begins to listen for its end only after this.
      queueMicrotask(() =>
        call.end(new CallEndedError('PermitMissed', 'The call came too late for its permit.')),
      );
      return false;
    }
    request.on('error', (error) => {
      call.trace.transportError ??= error;
    });
    if (onSent !== undefined) request.once('finish', onSent);
    request.once('response', (response) => this.#follow(response, call.trace, call.end));
    return true;
  }

  #follow(response: IncomingMessage, trace: WireTrace, end: EndCall): void {
    const status = response.statusCode ?? 0;
    trace.status = status;
    if (status >= 300 && status < 400 && response.headers.location !== undefined) {
      delete response.headers.location; // without it the SDK's HTTP client has nowhere to go
      end(
        new CallEndedError('Redirected', `The endpoint redirects (HTTP ${status}), which is not followed.`),
      );
      return;
    }
    // A few kilobytes can unpack to gigabytes, and the SDK unpacks whatever says that it is packed.
    if ((response.headers['content-encoding'] ?? 'identity') !== 'identity') {
      delete response.headers['content-encoding'];
      end(new CallEndedError('MalformedAnswer', 'The answer is compressed, which was not asked for.'));
      return;
    }
    const tooLarge = () =>
      end(new CallEndedError('AnswerTooLarge', `The answer is larger than ${this.#maxAnswerBytes} bytes.`));
    if (Number(response.headers['content-length'] ?? 0) > this.#maxAnswerBytes) {
      tooLarge();
      return;
    }
    // What is too deep or too wide must not reach the parser, which the SDK calls with the whole of it.
    const scan = new JsonScan();
    let excess: string | undefined;
    response.on('data', (chunk: Buffer) => {
      trace.answerBytes += chunk.length;
      if (trace.answerBytes > this.#maxAnswerBytes) tooLarge();
      if (excess !== undefined) return;
      excess = scan.push(chunk);
      if (excess !== undefined) end(new CallEndedError('MalformedAnswer', `The answer ${excess}.`));
    });
    response.once('close', () => {
      if (response.complete) return;
      end(new CallEndedError('NetworkError', 'The connection closed before the whole answer had arrived.'));
    });
  }
}

/** `addRequest` is where an agent takes a request over; Node's own typings leave it out. */
interface RequestCarrier {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/** What a request has to pass on its way to a connection. */
interface Gate {
  whenDue(request: ClientRequest): Promise<void> | undefined;
  /** False: it must not leave. */
  attach(request: ClientRequest): boolean;
}

function createAgent(
  protocol: 'https:' | 'http:',
  gate: Gate,
  options: AgentOptions & HttpsAgentOptions,
): HttpAgent {
  const agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  const carrier = agent as unknown as RequestCarrier;
  const addRequest = carrier.addRequest.bind(carrier);
  const goOn = (request: ClientRequest, rest: unknown[]) => {
    if (!request.destroyed && gate.attach(request)) addRequest(request, ...rest);
  };
  carrier.addRequest = (request, ...rest) => {
    const due = gate.whenDue(request);
    if (due === undefined) goOn(request, rest);
    else void due.then(() => goOn(request, rest));
  };
  return agent;
}
