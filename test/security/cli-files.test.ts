import { afterAll, describe, expect, it, vi } from 'vitest';
import { CliSession } from '../support/cli-session.js';
import { deepJson, FuzzSource, fuzzBytes } from './support/fuzz-source.js';

vi.setConfig({ testTimeout: 300_000 });

const session = new CliSession();
afterAll(() => session.close());

const good = [
  'invocationId,instanceId,region',
  'inv-00000001,ins-00000001,ap-singapore',
  '"inv-00000002","ins-00000002"',
  '{"invocationId":"inv-00000003","instanceIds":["ins-00000003"],"region":"ap-singapore"}',
  '# a comment',
  'inv-00000004',
].join('\n');

/** Hands a file in. Whatever it holds, it is taken as a whole or refused as a whole, with a reason. */
async function handIn(content: string | Buffer): Promise<number> {
  const run = await session.run(['cancel', '--file', '-', '--json'], { stdin: content });
  expect([0, 2]).toContain(run.exitCode);
  if (run.exitCode === 2) {
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/^error: /);
    // A terminal shows it: nothing in it may steer the terminal.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(run.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  } else {
    expect(() => JSON.parse(run.stdout)).not.toThrow();
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  return run.exitCode;
}

describe('a targets file of any content', () => {
  it('in random bytes is refused', async () => {
    const fuzz = new FuzzSource('cli file');
    expect(await handIn(fuzz.bytes(fuzzBytes))).toBe(2);
    for (let sent = 0; sent < fuzzBytes; ) {
      const part = fuzz.bytes(1 + fuzz.number(20_000));
      sent += part.length;
      await handIn(part);
    }
  });

  it('in random text is refused, or taken when it happens to be one', async () => {
    const fuzz = new FuzzSource('cli text file');
    for (let sent = 0; sent < fuzzBytes; ) {
      const lines = Array.from({ length: 1 + fuzz.number(200) }, () =>
        fuzz.number(3) === 0 ? JSON.stringify(fuzz.value()) : fuzz.text(200),
      );
      const text = lines.join(fuzz.pick(['\n', '\r\n', '\r', '\u2028']));
      sent += text.length;
      await handIn(text);
    }
  });

  it('that was good and got damaged on its way is refused, or what is left of it is good', async () => {
    const fuzz = new FuzzSource('cli damaged file');
    for (let sent = 0; sent < fuzzBytes / 4; sent += good.length) {
      await handIn(fuzz.damage(Buffer.from(good)));
    }
  });

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['a byte order mark alone', '\uFEFF'],
    ['UTF-16', Buffer.from(good, 'utf16le')],
    ['a NUL in the middle', `${good}\0\n${good}`],
    ['half a character', Buffer.from([...Buffer.from('inv-0000000'), 0xc3])],
    ['lone surrogates', '{"invocationId":"\\ud800inv-00000001","instanceIds":["\\udfff"]}'],
    ['a line without end', 'x'.repeat(9 * 1024 * 1024)],
    ['JSON as deep as it is long', deepJson(200_000)],
    ['a target as deep as it is long', `{"invocationId":${deepJson(100_000)}}`],
    ['objects in objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['a prototype', '{"__proto__":{"polluted":true},"invocationId":"inv-00000001"}'],
    ['a prototype by its constructor', '{"constructor":{"prototype":{"polluted":true}}}'],
    ['an endless quote', `"${'inv-00000001,'.repeat(10_000)}`],
    ['nothing but commas', ','.repeat(100_000)],
    ['nothing but line ends', '\n'.repeat(1_000_000)],
    ['nothing but returns', '\r'.repeat(100_000)],
    ['numbers that are none', '{"invocationId":1e999,"instanceIds":[NaN]}'],
    ['steering of the terminal', '\u001b[2J\u001b]0;title\u0007,\u009b31m'],
    [
      'a list of too many ids',
      JSON.stringify({ invocationId: 'inv-00000001', instanceIds: Array(1_000_000).fill('x') }),
    ],
  ])('that holds %s is refused', async (_name, content) => {
    expect(await handIn(content)).toBe(2);
  });

  it.each<[string, string, RegExp]>([
    [
      'eight megabytes of brackets',
      '['.repeat(8_000_000),
      /line 1: is JSON that is more than 32 levels deep/,
    ],
    [
      'half a million different names',
      `{${Array.from({ length: 500_000 }, (_, index) => `"f${index}":1`).join()}}`,
      /line 1: is JSON that has more than 1000 different field names/,
    ],
    [
      'millions of values',
      `{"instanceIds":[${'0,'.repeat(3_000_000)}0]}`,
      /line 1: is JSON that holds more than/,
    ],
  ])('that holds %s is refused before it is parsed', async (_name, content, reason) => {
    const run = await session.run(['cancel', '--file', '-', '--json'], { stdin: content });
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(reason)]);
  });

  it('with a byte order mark, Windows line ends and quotes is taken all the same', async () => {
    expect(await handIn(`\uFEFF${good.replaceAll('\n', '\r\n')}\r\n`)).toBe(0);
  });
});
