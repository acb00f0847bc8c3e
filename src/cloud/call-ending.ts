import { setMaxListeners } from 'node:events';
import { CallEndedError } from './call-ended.js';

/**
 * The one place where a call is ended early: by its deadline, its caller, the closing client or what the wire showed.
 * The first reason wins. It is hot code: a call that goes well costs one timer and one listener.
 */
export class CallEnding {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;
  readonly #giveUp = () => this.end(new CallEndedError('CallAborted', 'The call was given up.'));
  #reject: (reason: CallEndedError) => void = () => {};
  readonly #ended = new Promise<never>((_resolve, reject) => {
    this.#reject = reject;
  });
  #reason: CallEndedError | undefined;

  /** Starts the deadline. `stop` must be called when the call is over. */
  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.#ended.catch(() => {}); // told to whoever waits in `orEnded`; perhaps nobody does any more
    this.#timer = setTimeout(() => {
      this.end(new CallEndedError('CallTimeout', `No complete answer within ${timeoutMs} ms.`));
    }, timeoutMs);
    this.#caller = caller;
    if (caller === undefined) return;
    setMaxListeners(0, caller); // hundreds of calls may share it
    if (caller.aborted) this.#giveUp();
    else caller.addEventListener('abort', this.#giveUp, { once: true });
  }

  /** For those that can stop what they do: the SDK frees the connection. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the call was ended early, if it was. */
  get reason(): CallEndedError | undefined {
    return this.#reason;
  }

  /** Waits for the work, but no longer than the call lasts. */
  orEnded<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([work, this.#ended]);
  }

  end(reason: CallEndedError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#reject(reason);
    this.#controller.abort(reason);
  }

  giveUp(): void {
    this.#giveUp();
  }

  /** Ends the watch over the call, not the call. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#giveUp);
  }
}
