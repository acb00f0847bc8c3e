import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.js';
import type { ActionResult, ActionSettings } from '../actions/action.js';
import { answersTruthfully, type FaultRule } from '../faults/fault-rule.js';
import type { FaultSchedule } from '../faults/fault-schedule.js';
import { faultName, sendFault } from '../faults/send-fault.js';
import type { CallRecord } from '../record/call-record.js';
import type { RecordedCall } from '../record/recorded-call.js';
import { drawBetween } from '../seeded-random.js';
import type { World } from '../world/world.js';
import { type AdmissionDeps, type AdmittedCall, admit } from './admission.js';
import { headerOf } from './header.js';
import { factsOf, receiveRequest } from './received-request.js';
import { type Envelope, sendEnvelope } from './send-answer.js';

const latencyStream = 500;

export interface ApiListenerDeps {
  readonly admission: AdmissionDeps;
  readonly faults: FaultSchedule;
  readonly record: CallRecord;
  readonly world: World;
  readonly settings: ActionSettings;
  /** The world's time. */
  readonly clock: Clock;
  /** The gateway's time, which signatures are held against. */
  readonly gatewayClock: Clock;
  readonly latency: { readonly minMs: number; readonly maxMs: number };
  readonly seed: number;
}

interface Decision {
  readonly fault?: FaultRule;
  readonly envelope: Envelope;
}

/**
 * Serves the API. All of a call is decided and done in the instant it has arrived; latency and faults only concern the
 * way back. So a client that gave up waiting may well have cancelled something, as with the real API.
 */
export class ApiListener {
  constructor(private readonly deps: ApiListenerDeps) {}

  /** Resolves when the answer is on its way. Never rejects. Waiting ends early when the signal aborts. */
  async handle(message: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    try {
      const request = await receiveRequest(message);
      const call = this.deps.record.add(factsOf(request));
      response.once('close', () => this.deps.record.finish(call));
      const gatewayNow = this.deps.gatewayClock.now();
      response.setHeader('Date', new Date(gatewayNow).toUTCString());
      const admitted = admit(request, call.atEpochMs, gatewayNow, this.deps.admission);
      const { fault, envelope } = this.#decide(admitted, call);
      const traceId = headerOf(request.headers, 'x-tc-traceid');
      if (traceId !== '') response.setHeader('X-TC-TraceId', traceId);
      await this.#wait(call, fault, signal);
      if (fault === undefined) sendEnvelope(response, envelope);
      else await sendFault(response, fault, envelope, signal);
    } catch {
      response.destroy(); // the client is gone, or the simulator is closing
    }
  }

  #decide(admitted: ReturnType<typeof admit>, call: RecordedCall): Decision {
    const RequestId = call.cloudRequestId;
    if ('code' in admitted) return { envelope: this.#conclude({ refusal: admitted }, call, RequestId) };
    const fault = this.deps.faults.take(call);
    if (fault === undefined) {
      return { envelope: this.#conclude(this.#execute(admitted, call), call, RequestId) };
    }
    const isDone = answersTruthfully(fault) || fault.executes === true;
    const envelope = isDone ? this.#conclude(this.#execute(admitted, call), call, RequestId) : { RequestId };
    if (!answersTruthfully(fault)) call.code = faultName(fault);
    return { fault, envelope };
  }

  #execute({ action, call }: AdmittedCall, recorded: RecordedCall): ActionResult {
    const { world, clock, settings } = this.deps;
    const result = action.run(call, { world, nowMs: clock.now(), settings });
    recorded.executed = 'fields' in result;
    return result;
  }

  #conclude(result: ActionResult, call: RecordedCall, RequestId: string): Envelope {
    if ('fields' in result) {
      call.code = 'OK';
      return { ...result.fields, RequestId };
    }
    const { code, message } = result.refusal;
    call.code = code;
    return { Error: { Code: code, Message: message }, RequestId };
  }

  async #wait(call: RecordedCall, fault: FaultRule | undefined, signal: AbortSignal): Promise<void> {
    const { latency, seed } = this.deps;
    const latencyMs = drawBetween(seed, latencyStream, call.number, latency.minMs, latency.maxMs);
    const faultMs = fault?.answer === 'slow-body' ? 0 : (fault?.delayMs ?? 0);
    const totalMs = latencyMs + faultMs;
    if (totalMs > 0) await delay(totalMs, undefined, { signal });
  }
}
