import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { LogLevel } from '../../src/shared/log-levels.js';
import { type Logger, loggerOptions } from '../../src/shared/logger.js';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A logger set up as in production whose lines are kept. */
export class CapturedLog {
  text = '';
  readonly logger: Logger;

  constructor(level: LogLevel = 'trace') {
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        this.text += String(chunk);
        done();
      },
    });
    this.logger = pino(loggerOptions({ level, name: 'test' }), stream);
  }

  get lines(): LogLine[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The lines whose message holds the text. */
  saying(text: string): LogLine[] {
    return this.lines.filter(({ msg }) => msg.includes(text));
  }
}
