import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveStream, type StreamState } from '../../../src/dashboard/live/live-stream.js';

type Answer = { status: number; text?: string; stays?: boolean } | 'unreachable';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream against a server that answers with these, one after the other; the last one again and again. */
function follow(...answers: Answer[]) {
  const asked: string[] = [];
  const states: StreamState[] = [];
  const events: string[] = [];
  const stream = new LiveStream({
    url: '/events',
    endsWith: 'end',
    onEvent: ({ name, data }) => events.push(`${name}:${data}`),
    onState: (state) => states.push(state),
    fetch: async (_url, init) => {
      asked.push(new Headers(init?.headers).get('last-event-id') ?? '');
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      if (answer === undefined || answer === 'unreachable') throw new TypeError('fetch failed');
      return new Response(toBody(answer, init?.signal), { status: answer.status });
    },
  });
  stream.start();
  return { stream, asked, states, events };
}

function toBody(
  { text = '', stays }: { text?: string; stays?: boolean },
  signal: AbortSignal | null | undefined,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (stays) signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
      else controller.close();
    },
  });
}

const end = { status: 200, text: 'event: end\ndata: 1\n\n' };

describe('LiveStream', () => {
  it('hands events on, and ends with the event that ends it', async () => {
    const { states, events, asked } = follow({
      status: 200,
      text: 'event: news\ndata: 1\n\nevent: end\ndata: 2\n\n',
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events).toEqual(['news:1', 'end:2']);
    expect(states).toEqual(['connecting', 'open', 'closed']);
    expect(asked).toHaveLength(1);
  });

  it('says that the connection is lost, tries again, and asks for what it missed', async () => {
    const { states, asked } = follow(
      { status: 200, text: 'id: 41\nevent: news\ndata: 1\n\n' },
      'unreachable',
      end,
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(states).toEqual(['connecting', 'open', 'lost']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(states).toEqual(['connecting', 'open', 'lost', 'lost', 'open', 'closed']);
    expect(asked).toEqual(['', '41', '41']);
  });

  it('waits longer from try to try, eight seconds at most', async () => {
    const { asked, stream } = follow('unreachable');
    await vi.advanceTimersByTimeAsync(60_000);
    // 0.5 + 1 + 2 + 4 s, then one try every 8 s.
    expect(asked).toHaveLength(5 + Math.floor((60 - 7.5) / 8));
    stream.close();
  });

  it('does not wait when it is told to try now', async () => {
    const { asked, stream } = follow('unreachable', 'unreachable', 'unreachable', end);
    await vi.advanceTimersByTimeAsync(1_600);
    expect(asked).toHaveLength(3);
    stream.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(4);
  });

  it('takes a connection without any heartbeat for dead', async () => {
    const { states, stream } = follow({ status: 200, text: 'event: news\ndata: 1\n\n', stays: true });
    await vi.advanceTimersByTimeAsync(39_000);
    expect(states).toEqual(['connecting', 'open']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(states.slice(0, 4)).toEqual(['connecting', 'open', 'lost', 'open']);
    stream.close();
  });

  it('does not try again when the login is over, or when there is nothing to follow', async () => {
    for (const [status, state] of [
      [401, 'refused'],
      [404, 'closed'],
    ] as const) {
      const { states, asked } = follow({ status });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(states).toEqual(['connecting', state]);
      expect(asked).toHaveLength(1);
    }
  });

  it('tells nothing any more once it is closed', async () => {
    const { stream, states, events } = follow({ status: 200, text: 'event: news\ndata: 1\n\n' });
    stream.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states).toEqual(['connecting']);
    expect(events).toEqual([]);
  });
});
