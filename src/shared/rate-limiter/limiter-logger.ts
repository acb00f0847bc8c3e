/** What the limiter needs of a logger; pino's fits. */
export interface LimiterLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLogger: LimiterLogger = { info: () => {}, warn: () => {} };

/** Lets each message through once in a while, and then says how often it was held back. */
export class SparingLogger implements LimiterLogger {
  readonly #last = new Map<string, { at: number; heldBack: number }>();

  constructor(
    private readonly logger: LimiterLogger,
    private readonly intervalMs = 30_000,
  ) {}

  info(fields: object, message: string): void {
    this.#log('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#log('warn', fields, message);
  }

  #log(level: 'info' | 'warn', fields: object, message: string): void {
    const now = performance.now();
    const last = this.#last.get(message);
    if (last !== undefined && now - last.at < this.intervalMs) {
      last.heldBack++;
      return;
    }
    const heldBack = last?.heldBack ?? 0;
    this.#last.set(message, { at: now, heldBack: 0 });
    this.logger[level](heldBack === 0 ? fields : { ...fields, heldBack }, message);
  }
}
