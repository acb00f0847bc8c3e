import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { assertNever } from '../../shared/assert-never.js';
import { type Envelope, envelopeText, sendText } from '../gateway/send-answer.js';
import type { BrokenAnswer, FaultRule } from './fault-rule.js';

const paddingBytes = 1_000_000;
const slowPieces = 10;
const defaultSlowMs = 1000;

/** How the record names a fault: its code, `HTTP 502`, the broken answer's name; undefined for the true answer. */
export function faultName({ code, http, answer }: FaultRule): string | undefined {
  return code ?? (http === undefined ? answer : `HTTP ${http}`);
}

/**
 * Answers as a fault wants it. `envelope` is the true answer. Resolves when all is sent that will be; a hanging answer
 * is left to whoever closes the connection.
 */
export async function sendFault(
  response: ServerResponse,
  rule: FaultRule,
  envelope: Envelope,
  signal: AbortSignal,
): Promise<void> {
  if (rule.code !== undefined) {
    const message = rule.message ?? `An injected ${rule.code}.`;
    const error = { Error: { Code: rule.code, Message: message }, RequestId: envelope.RequestId };
    sendText(response, 200, 'application/json', envelopeText(error));
  } else if (rule.http !== undefined) {
    sendHtml(response, rule.http, rule);
  } else if (rule.answer === 'slow-body') {
    await sendSlowly(response, envelopeText(envelope), rule.delayMs ?? defaultSlowMs, signal);
  } else if (rule.answer !== undefined) {
    sendBroken(response, rule.answer, envelope);
  } else {
    sendText(response, 200, 'application/json', envelopeText(envelope));
  }
}

function sendHtml(response: ServerResponse, status: number, { bodyBytes, location }: FaultRule): void {
  if (location !== undefined) response.setHeader('Location', location);
  if (status === 204 || status === 304) {
    response.writeHead(status).end();
    return;
  }
  const page = `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\n`;
  sendText(
    response,
    status,
    'text/html',
    bodyBytes === undefined ? page : page.padEnd(bodyBytes, ' ').slice(0, bodyBytes),
  );
}

function sendBroken(
  response: ServerResponse,
  answer: Exclude<BrokenAnswer, 'slow-body'>,
  envelope: Envelope,
): void {
  const text = envelopeText(envelope);
  const bytes = Buffer.from(text);
  const half = bytes.subarray(0, bytes.length / 2);
  const json = { 'Content-Type': 'application/json' };
  switch (answer) {
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'stalled-body':
      response.writeHead(200, { ...json, 'Content-Length': bytes.length }).write(half);
      return;
    case 'cut-body':
      response.writeHead(200, { ...json, 'Content-Length': bytes.length });
      response.write(half, () => response.destroy());
      return;
    case 'cut-chunked-body':
      response.writeHead(200, json).write(half, () => response.destroy());
      return;
    case 'large-body':
      sendText(
        response,
        200,
        'application/json',
        envelopeText({ Padding: ' '.repeat(paddingBytes), ...envelope }),
      );
      return;
    case 'empty-body':
      sendText(response, 200, 'application/json', '');
      return;
    case 'not-json':
      sendText(
        response,
        200,
        'application/json',
        'upstream connect error or disconnect/reset before headers',
      );
      return;
    case 'empty-object':
      sendText(response, 200, 'application/json', '{}');
      return;
    case 'no-request-id':
      sendText(response, 200, 'application/json', envelopeText({}));
      return;
    case 'event-stream':
      sendText(response, 200, 'text/event-stream', text);
      return;
    default:
      assertNever(answer);
  }
}

async function sendSlowly(
  response: ServerResponse,
  text: string,
  totalMs: number,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(text);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  const pieceLength = Math.ceil(bytes.length / slowPieces);
  for (let start = 0; start < bytes.length; start += pieceLength) {
    await delay(totalMs / slowPieces, undefined, { signal });
    response.write(bytes.subarray(start, start + pieceLength));
  }
  response.end();
}
