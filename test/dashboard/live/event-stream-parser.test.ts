import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamParser } from '../../../src/dashboard/live/event-stream-parser.js';

const stream = [
  ': heartbeat\n\n',
  'id: 7\nevent: overview\ndata: {"a":1}\n\n',
  'data: first\r\ndata: second\r\n\r\n',
  'event: nothing\n\n',
  'id: 8\rdata:  kept blank\r\r',
  'retry: 10\nunknown\ndata\n\n',
  'event: cut\ndata: off',
].join('');

const events = [
  { name: 'overview', data: '{"a":1}' },
  { name: 'message', data: 'first\nsecond' },
  { name: 'message', data: ' kept blank' },
  { name: 'message', data: '' },
];

describe('EventStreamParser', () => {
  it('reads the same events however the stream is cut into pieces', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: stream.length }), { maxLength: 40 }), (cuts) => {
        const parser = new EventStreamParser();
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const read = edges.flatMap((edge, index) => parser.push(stream.slice(edges[index - 1] ?? 0, edge)));
        expect(read).toEqual(events);
        expect(parser.lastEventId).toBe('8');
      }),
    );
  });

  it('forgets what a broken connection left half said, but not where it was', () => {
    const parser = new EventStreamParser();
    parser.push('id: 3\nevent: old\ndata: half');
    parser.reset();
    expect(parser.push('data: new\n\n')).toEqual([{ name: 'message', data: 'new' }]);
    expect(parser.lastEventId).toBe('3');
  });
});
