import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultRuleSchema } from '../faults/fault-rule.js';
import { receiveRequest } from '../gateway/received-request.js';
import { sendJson, sendText } from '../gateway/send-answer.js';
import type { Simulator } from '../simulator.js';
import { behaviourSchema } from '../world/task-behaviour.js';
import { reportOn } from './simulation-report.js';

export const controlPrefix = '/_simulator/';

const seedingSchema = z.strictObject({
  count: z.number().int().min(1).max(10_000).default(1),
  region: z.string().optional(),
  invocationId: z.string().optional(),
  instanceIds: z.array(z.string()).optional(),
  instances: z.number().int().optional(),
  instanceKind: z.enum(['CVM', 'LIGHTHOUSE', 'MANAGED']).optional(),
  behaviour: behaviourSchema.optional(),
  exceptions: z.record(z.string(), behaviourSchema).optional(),
  ageMs: z.number().min(0).optional(),
  commandId: z.string().optional(),
  invokerId: z.string().optional(),
});

const invokerSchema = z.strictObject({
  region: z.string().optional(),
  name: z.string().optional(),
  commandId: z.string().optional(),
  instanceIds: z.array(z.string()).optional(),
  enabled: z.boolean().optional(),
});

interface ControlRequest {
  readonly body: unknown;
  readonly query: URLSearchParams;
}

type Handler = (request: ControlRequest, response: ServerResponse) => void;

/**
 * Lets another process look at and change a running simulator. It asks for no key and is meant for loopback or a private
 * network. Nothing here is part of the cloud's API or of the record.
 */
export class ControlApi {
  readonly #routes: ReadonlyMap<string, Handler>;

  constructor(private readonly simulator: Simulator) {
    this.#routes = new Map<string, Handler>([
      ['GET health', (_, response) => sendJson(response, 200, { status: 'ok' })],
      ['GET report', (_, response) => sendJson(response, 200, reportOn(this.simulator))],
      ['GET invocations', ({ query }, response) => this.#listInvocations(query, response)],
      ['POST invocations', ({ body }, response) => this.#addInvocations(body, response)],
      ['POST invokers', ({ body }, response) => this.#addInvoker(body, response)],
      ['POST faults', ({ body }, response) => this.#addFault(body, response)],
      ['DELETE faults', (_, response) => this.#clearFaults(response)],
    ]);
  }

  /** Answers one request. Never rejects: bad input is answered with 400. */
  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { parameters } = await receiveRequest(message);
      const { pathname, searchParams } = new URL(message.url ?? '', 'http://simulator');
      const handler = this.#routes.get(`${message.method} ${pathname.slice(controlPrefix.length)}`);
      if (handler === undefined) sendJson(response, 404, { error: 'no such control endpoint' });
      else handler({ body: parameters, query: searchParams }, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) response.destroy();
      else sendJson(response, 400, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** `?region=`, `?offset=`, `?limit=`; with `?format=ndjson` one target per line, as the command line takes them. */
  #listInvocations(query: URLSearchParams, response: ServerResponse): void {
    const region = query.get('region');
    const offset = Number(query.get('offset') ?? 0);
    const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
    const targets = this.simulator.world
      .invocations()
      .filter(({ facts }) => region === null || facts.region === region)
      .slice(offset, offset + limit)
      .map(({ facts }) => ({
        region: facts.region,
        invocationId: facts.invocationId,
        instanceIds: facts.instanceIds,
      }));
    if (query.get('format') === 'ndjson') {
      const lines = targets.map((target) => `${JSON.stringify(target)}\n`);
      sendText(response, 200, 'application/x-ndjson', lines.join(''));
    } else {
      sendJson(response, 200, { invocations: targets });
    }
  }

  #addInvocations(body: unknown, response: ServerResponse): void {
    const { count, commandId, ...given } = seedingSchema.parse(body);
    const spec = {
      ...withoutUndefined(given),
      ...(commandId === undefined ? {} : { command: { commandId } }),
    };
    const added = Array.from({ length: count }, () => this.simulator.addInvocation(spec));
    const invocations = added.map(({ region, invocationId, instanceIds }) => ({
      region,
      invocationId,
      instanceIds,
    }));
    sendJson(response, 201, { invocations });
  }

  #addInvoker(body: unknown, response: ServerResponse): void {
    const { region, invokerId, commandId } = this.simulator.addInvoker(
      withoutUndefined(invokerSchema.parse(body)),
    );
    sendJson(response, 201, { invoker: { region, invokerId, commandId } });
  }

  #addFault(body: unknown, response: ServerResponse): void {
    this.simulator.faults.add(faultRuleSchema.parse(body));
    sendJson(response, 201, { added: true });
  }

  #clearFaults(response: ServerResponse): void {
    this.simulator.faults.clear();
    sendJson(response, 200, { cleared: true });
  }
}

type WithoutUndefined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

function withoutUndefined<Value extends object>(value: Value): WithoutUndefined<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as WithoutUndefined<Value>;
}
