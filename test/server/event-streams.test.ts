import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { EventStreams } from '../../src/server/sse/event-streams.js';

const request = { identity: null } as FastifyRequest;

/** What a handler would send. */
function bodyOf(streams: EventStreams): { body: Readable; send: (data: unknown) => boolean } {
  const stream = streams.open(request);
  const sent: Readable[] = [];
  const reply = { header: () => reply, send: (body: Readable) => sent.push(body) } as unknown as FastifyReply;
  stream.answer(reply);
  const [body] = sent;
  if (body === undefined) throw new Error('nothing was sent');
  return { body, send: (data) => stream.send({ event: 'news', data }) };
}

describe('streams of events', () => {
  it('are limited in number, and free again when their reader leaves', async () => {
    const streams = new EventStreams(new AbortController().signal, 2);
    const { body } = bodyOf(streams);
    bodyOf(streams);
    expect(() => streams.open(request)).toThrow('Too many streams');
    body.destroy();
    await once(body, 'close');
    expect(() => streams.open(request)).not.toThrow();
  });

  it('leave news out for a reader who does not keep up, instead of keeping all of it', () => {
    const { body, send } = bodyOf(new EventStreams(new AbortController().signal));
    const large = 'x'.repeat(100_000);
    const taken = Array.from({ length: 10 }, () => send(large)).filter(Boolean);
    expect(taken.length).toBeLessThan(5);
    expect(taken.length).toBeGreaterThan(0);
    expect(body.readableLength).toBeLessThan(600_000);
  });

  it('may be many without a warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const closing = new AbortController();
    const streams = new EventStreams(closing.signal);
    for (let count = 0; count < 40; count++) bodyOf(streams).body.resume();
    await new Promise(setImmediate); // warnings come with the next tick
    process.off('warning', note);
    closing.abort();
    expect(warnings).toEqual([]);
  });

  it('end when the server goes down', async () => {
    const closing = new AbortController();
    const { body } = bodyOf(new EventStreams(closing.signal));
    body.resume();
    const ended = once(body, 'end');
    closing.abort();
    await ended;
  });
});
