export interface ReceivedEvent<Data = unknown> {
  readonly event: string;
  readonly id?: string;
  readonly data: Data;
}

/** Reads server-sent events, as a browser would. */
export class EventReader {
  #text = '';

  private constructor(
    private readonly chunks: ReadableStreamDefaultReader<string>,
    private readonly abort: AbortController,
  ) {}

  /** Rejects unless the server answers with a stream. */
  static async open(url: string, headers: Readonly<Record<string, string>>): Promise<EventReader> {
    const abort = new AbortController();
    const answer = await fetch(url, { headers, signal: abort.signal });
    if (!answer.headers.get('content-type')?.startsWith('text/event-stream') || answer.body === null) {
      throw new Error(`no stream: ${answer.status} ${await answer.text()}`);
    }
    return new EventReader(answer.body.pipeThrough(new TextDecoderStream()).getReader(), abort);
  }

  async next<Data = unknown>(): Promise<ReceivedEvent<Data>> {
    const event = await this.#read<Data>();
    if (event === undefined) throw new Error('the stream has ended');
    return event;
  }

  /** All events until the stream ends. */
  async rest<Data = unknown>(): Promise<ReceivedEvent<Data>[]> {
    const events: ReceivedEvent<Data>[] = [];
    for (let event = await this.#read<Data>(); event !== undefined; event = await this.#read<Data>()) {
      events.push(event);
    }
    return events;
  }

  close(): void {
    this.abort.abort();
  }

  async #read<Data>(): Promise<ReceivedEvent<Data> | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (block.includes('data: ')) return parseEvent<Data>(block);
        continue;
      }
      const { done, value } = await this.chunks.read();
      if (done) return undefined;
      this.#text += value;
    }
  }
}

function parseEvent<Data>(block: string): ReceivedEvent<Data> {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const id = fields.get('id');
  return {
    event: fields.get('event') ?? 'message',
    ...(id === undefined ? {} : { id }),
    data: JSON.parse(fields.get('data') ?? 'null') as Data,
  };
}
