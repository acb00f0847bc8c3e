import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { CliSession } from '../support/cli-session.js';
import { allCommandPaths } from '../support/help-examples.js';

const run = promisify(execFile);
let script: string;

beforeAll(async () => {
  ({ stdout: script } = await new CliSession().run(['completion', 'bash']));
});

/** What bash offers for a line; the last word is the one that is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const line = words.map((word) => `'${word}'`).join(' ');
  const question = `
    COMP_WORDS=(tat-cancel ${line}); COMP_CWORD=${words.length}; _tat_cancel
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['--norc', '-c', `set -u\n${script}\n${question}`]);
  return stdout.split('\n').filter(Boolean);
}

describe('completion in bash', () => {
  it('offers every command and every command of a group', async () => {
    const paths = (await allCommandPaths()).filter((path) => path.length > 0);
    expect(paths.length).toBeGreaterThan(15);
    for (const path of paths) expect(await offered(...path.slice(0, -1), '')).toContain(path.at(-1));
  });

  it('narrows down to what was typed', async () => {
    expect(await offered('dead-letters', 're')).toEqual(['redrive']);
    expect(await offered('cancel', '--pri')).toEqual(['--priority']);
    expect(await offered('completion', 'z')).toEqual(['zsh']);
  });

  it('offers the values of an option, and files where a file is wanted', async () => {
    expect(await offered('cancel', '--priority', '')).toEqual(['urgent', 'normal', 'low']);
    expect(await offered('cancel', '--file', 'packag')).toEqual(expect.arrayContaining(['package.json']));
    expect(await offered('cancel', '--label', '')).toEqual([]);
  });

  it('offers options of the program everywhere', async () => {
    expect(await offered('dead-letters', 'list', '--redis')).toEqual(['--redis-url']);
  });

  it('does not take the value of an option for a command', async () => {
    expect(await offered('--queue-prefix', 'status', '')).toContain('cancel');
    expect(await offered('requests', '--label', 'dead-letters', '--lim')).toEqual(['--limit']);
  });
});

describe('completion in other shells', () => {
  it.each(['zsh', 'fish'])('names every command and long option: %s', async (shell) => {
    const { exitCode, stdout } = await new CliSession().run(['completion', shell]);
    expect(exitCode).toBe(0);
    for (const path of await allCommandPaths()) expect(stdout).toContain(path.join(' '));
    expect(stdout).toContain(shell === 'fish' ? '-l priority' : '--priority');
  });

  it.each(['zsh', 'fish'])(
    'is a script that the shell itself can read, where it is installed: %s',
    async (shell) => {
      const { stdout } = await new CliSession().run(['completion', shell]);
      const isThere = await run('sh', ['-c', `command -v ${shell}`]).then(
        () => true,
        () => false,
      );
      if (!isThere) return;
      await run(shell, ['-n', '-c', stdout]);
    },
  );

  it('knows no other shell', async () => {
    const { exitCode, stderr } = await new CliSession().run(['completion', 'cmd']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
  });
});
