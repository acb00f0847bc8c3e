import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { CallRecord } from './call-record.js';
import type { RecordedCall } from './recorded-call.js';

/** Writes one line of JSON for every call that is over, appending to a file. */
export class CallLog {
  readonly #write = (call: RecordedCall) => {
    this.stream.write(`${JSON.stringify(call)}\n`);
  };

  private constructor(
    private readonly record: CallRecord,
    private readonly stream: WriteStream,
  ) {
    record.on('answer', this.#write);
  }

  /** Rejects when the file cannot be opened. */
  static async open(path: string, record: CallRecord): Promise<CallLog> {
    const stream = createWriteStream(path, { flags: 'a' });
    await once(stream, 'open');
    stream.on('error', () => record.off('answer', log.#write)); // a full disk ends the log, not the simulator
    const log = new CallLog(record, stream);
    return log;
  }

  /** Resolves when all lines are in the file. */
  async close(): Promise<void> {
    this.record.off('answer', this.#write);
    if (this.stream.destroyed) return;
    this.stream.end();
    await once(this.stream, 'close');
  }
}
