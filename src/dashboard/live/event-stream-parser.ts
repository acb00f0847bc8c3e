/** One event of a server-sent stream. */
export interface StreamEvent {
  /** `message` when the server names none. */
  readonly name: string;
  readonly data: string;
}

/** Reads text/event-stream as it comes, in pieces of any size. */
export class EventStreamParser {
  /** Of the latest event that had one; asked for again after a break. */
  lastEventId = '';
  #rest = '';
  #name = '';
  #data: string[] = [];

  /** The events that this piece completes. Comments are heartbeats and give none. */
  push(piece: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const text = this.#rest + piece;
    // A CR at the end may be half of a CRLF.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + text.slice(end);
    for (const line of lines) {
      if (line === '') this.#finish(events);
      else this.#readLine(line);
    }
    return events;
  }

  /** For a new connection: what an old one broke off in the middle of is void. */
  reset(): void {
    this.#rest = '';
    this.#name = '';
    this.#data = [];
  }

  #finish(events: StreamEvent[]): void {
    if (this.#data.length > 0) events.push({ name: this.#name || 'message', data: this.#data.join('\n') });
    this.#name = '';
    this.#data = [];
  }

  #readLine(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#name = value;
    else if (field === 'id' && !value.includes('\0')) this.lastEventId = value;
  }
}
