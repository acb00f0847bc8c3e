import { describe, expect, it } from 'vitest';
import { fitLines, formatTable, quoteText, tameText } from '../../src/cli/text-format.js';
import { CliSession } from '../support/cli-session.js';

const steering = 'a\u001b[2Jb\u009b31mc\u007fd\u202ee\u2066f\u2028g\r\nh\ti';

describe('text of unknown origin', () => {
  it('cannot steer a terminal when it is quoted', () => {
    expect(quoteText(steering)).toBe('"a\\u001b[2Jb\\u009b31mc\\u007fd\\u202ee\\u2066f\\u2028g\\r\\nh\\ti"');
  });

  it('cannot steer a terminal when it is tamed', () => {
    expect(tameText(steering)).toBe('a [2Jb 31mc d e f g h i');
  });

  it('is cut when it is long', () => {
    expect(quoteText('x'.repeat(100), 10)).toBe('"xxxxxxxxxx…"');
  });
});

describe('a table', () => {
  it('keeps its columns straight beside characters that are two columns wide', () => {
    const table = formatTable([
      ['COMMAND', 'STATES'],
      ['cmd-1 清理临时文件', '3 running'],
      ['cmd-2 cleanup', '12 running'],
    ]);
    expect(table.split('\n')).toEqual([
      'COMMAND             STATES',
      'cmd-1 清理临时文件  3 running',
      'cmd-2 cleanup       12 running',
    ]);
  });
});

describe('a text on a narrow terminal', () => {
  it('is broken between words, and what is carried over is indented', () => {
    const text = 'FAULT    redis   the memory policy evicts keys\nshort';
    expect(fitLines(text, 30)).toBe('FAULT    redis   the memory\n    policy evicts keys\nshort');
  });

  it('keeps a word whole that is longer than a line', () => {
    expect(fitLines(`see ${'x'.repeat(40)} there`, 30)).toBe(`see\n    ${'x'.repeat(40)}\n    there`);
  });

  it('keeps the blank behind a question', () => {
    expect(fitLines('Cancel 12 instances of 3 invocations? [y/N] ', 30)).toBe(
      'Cancel 12 instances of 3\n    invocations? [y/N] ',
    );
  });

  it('is left alone where the terminal does not know its width', async () => {
    const run = async (columns: number) =>
      await new CliSession().run(['--help'], { isTerminal: true, columns });
    expect((await run(0)).stdout).toContain(
      '  0 done    1 some instances were dead-lettered (with --watch), or something',
    );
  });

  it('leaves commands that can be copied', () => {
    expect(fitLines('  $ tat-cancel cancel --file targets.csv --region ap-singapore', 44)).toBe(
      '  $ tat-cancel cancel --file targets.csv \\\n      --region ap-singapore',
    );
  });
});
