import { EventStreamParser, type StreamEvent } from './event-stream-parser.js';

/**
 * - `connecting`: nothing has come yet
 * - `open`: news arrive
 * - `lost`: the connection broke; it is tried again by itself
 * - `closed`: the end was told, or asked for
 * - `refused`: the login is over
 */
export type StreamState = 'connecting' | 'open' | 'lost' | 'closed' | 'refused';

export interface LiveStreamOptions {
  readonly url: string;
  onEvent(event: StreamEvent): void;
  onState(state: StreamState): void;
  /** The event after which no more is to be expected. */
  readonly endsWith?: string;
  readonly fetch?: typeof fetch;
}

/** A heartbeat comes every 15 s; with none for so long the connection is dead, whatever TCP says. */
const silentAfterMs = 40_000;
const firstPauseMs = 500;
const longestPauseMs = 8_000;

/**
 * Server-sent events that outlive breaks: tries again with growing pauses and asks for what it has missed. On fetch,
 * since EventSource tells neither status nor heartbeat and forgets where it was.
 */
export class LiveStream {
  readonly #parser = new EventStreamParser();
  readonly #stop = new AbortController();
  #pauseMs = firstPauseMs;
  #wakeUp: (() => void) | undefined;

  constructor(private readonly options: LiveStreamOptions) {}

  start(): void {
    void this.#run();
  }

  close(): void {
    this.#stop.abort();
    this.#wakeUp?.();
  }

  /** Does not wait out the pause. */
  retryNow(): void {
    this.#wakeUp?.();
  }

  async #run(): Promise<void> {
    this.#tell('connecting');
    while (!this.#stop.signal.aborted) {
      const ending = await this.#connect().catch(() => 'lost' as const);
      this.#tell(ending);
      if (ending !== 'lost') return;
      await this.#pause();
    }
  }

  /** Whoever closed the stream hears nothing of it any more. */
  #tell(state: StreamState): void {
    if (!this.#stop.signal.aborted) this.options.onState(state);
  }

  async #connect(): Promise<'lost' | 'closed' | 'refused'> {
    const silence = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), silentAfterMs);
    try {
      this.#parser.reset();
      const { lastEventId } = this.#parser;
      const answer = await (this.options.fetch ?? fetch)(this.options.url, {
        headers: {
          accept: 'text/event-stream',
          ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
        },
        signal,
      });
      if (answer.status === 401) return 'refused';
      if (answer.status === 404) return 'closed';
      if (!answer.ok || answer.body === null) return 'lost';
      this.#pauseMs = firstPauseMs;
      this.#tell('open');
      for await (const piece of decoded(answer.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silentAfterMs);
        if (this.#handOn(piece)) return 'closed';
      }
      return 'lost';
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  /** True after the last event. */
  #handOn(piece: string): boolean {
    for (const event of this.#parser.push(piece)) {
      if (this.#stop.signal.aborted) return true;
      this.options.onEvent(event);
      if (event.name === this.options.endsWith) return true;
    }
    return false;
  }

  async #pause(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = undefined;
  }
}

async function* decoded(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    reader.releaseLock();
  }
}
