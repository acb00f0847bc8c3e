import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output, type OutputStream } from '../../src/cli/output.js';

function outputOf(isTTY: boolean) {
  let text = '';
  const stream = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    }),
    { isTTY },
  ) as OutputStream;
  return { output: new Output(stream, stream, {}), written: () => text };
}

const hostile = 'b27421da\u001b]0;title\u0007\u009b31m\u202e\u0000\r\u2028x';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/;

describe('whatever a command prints', () => {
  it('cannot steer the terminal, also where nobody thought of it', () => {
    const { output, written } = outputOf(false);
    output.print(`Cloud request  ${hostile}\nnext line`);
    output.say(hostile);
    expect(written()).not.toMatch(steering);
    expect(written()).toMatch(/^Cloud request {2}b27421da .*\nnext line\n/);
  });

  it('keeps the colours that are ours, and no other sequence', () => {
    const { output, written } = outputOf(true);
    output.print(output.paint('red', 'held'));
    output.print('\u001b[2J\u001b[31mred\u001b[0m');
    expect(written()).toContain('\u001b[31mheld\u001b[39m');
    expect(written()).not.toContain('\u001b[2J');
  });

  it('as JSON is the same document, with escapes', () => {
    const { output, written } = outputOf(false);
    output.printJson({ cloudRequestId: hostile });
    output.printJsonLine({ cloudRequestId: hostile });
    expect(written()).not.toMatch(steering);
    const [last = ''] = written().trim().split('\n').slice(-1);
    expect(JSON.parse(last)).toEqual({ cloudRequestId: hostile });
  });
});
