import type { ServerResponse } from 'node:http';

/** What `Response` holds, RequestId included. */
export type Envelope = Readonly<Record<string, unknown>>;

/** Sends what the API sends: status 200 whatever happened, and the outcome in the envelope. */
export function sendEnvelope(response: ServerResponse, envelope: Envelope): void {
  sendText(response, 200, 'application/json', envelopeText(envelope));
}

export function envelopeText(envelope: Envelope): string {
  return JSON.stringify({ Response: envelope });
}

/** Sends a text with its length. */
export function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, 'application/json', `${JSON.stringify(value)}\n`);
}
