import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Environment } from '../shared/settings/index.js';
import { escapeSteering, fitLines, withoutSteering } from './text-format.js';

export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};
export type Style = Parameters<typeof styleText>[0];

/** A terminal that does not know its width says 0, and in a very narrow one nothing fits anyway. */
const fewestColumns = 40;

/** The only way out for text: results to stdout, everything else to stderr. */
export class Output {
  constructor(
    readonly stdout: OutputStream,
    readonly stderr: OutputStream,
    private readonly environment: Environment,
  ) {}

  /** A result, for people. */
  print(text: string): void {
    this.show('stdout', `${text}\n`);
  }

  /** The result, for programs: the only thing that a command with --json prints. */
  printJson(document: unknown): void {
    this.stdout.write(`${escapeSteering(JSON.stringify(document, null, 2))}\n`);
  }

  /** One of many documents, on a line of its own. */
  printJsonLine(document: unknown): void {
    this.stdout.write(`${escapeSteering(JSON.stringify(document))}\n`);
  }

  /** Progress, advice and complaints. */
  say(text: string): void {
    this.show('stderr', `${text}\n`);
  }

  /** Text to read. A terminal would break its long lines within words. */
  show(name: 'stdout' | 'stderr', text: string): void {
    const { isTTY, columns } = this[name];
    const tame = withoutSteering(text);
    this.write(
      name,
      isTTY === true && columns !== undefined && columns >= fewestColumns ? fitLines(tame, columns) : tame,
    );
  }

  /** Text as it is, for scripts and files. */
  write(name: 'stdout' | 'stderr', text: string): void {
    this[name].write(text);
  }

  /** Colours text that goes to stdout, if somebody looks at it and has not said no. */
  paint(style: Style, text: string): string {
    return this.hasColours(this.stdout) ? styleText(style, text, { validateStream: false }) : text;
  }

  complain(message: string): void {
    const label = this.hasColours(this.stderr)
      ? styleText('red', 'error:', { validateStream: false })
      : 'error:';
    this.say(`${label} ${message}`);
  }

  /** Something that should be known and stops nothing. */
  warn(message: string): void {
    const label = this.hasColours(this.stderr)
      ? styleText('yellow', 'warning:', { validateStream: false })
      : 'warning:';
    this.say(`${label} ${message}`);
  }

  get isLive(): boolean {
    return this.stderr.isTTY === true && this.environment.TERM !== 'dumb';
  }

  hasColours(stream: OutputStream): boolean {
    return (
      stream.isTTY === true && (this.environment.NO_COLOR ?? '') === '' && this.environment.TERM !== 'dumb'
    );
  }
}
