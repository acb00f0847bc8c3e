import { describe, expect, it } from 'vitest';
import { readServerSettings } from '../../src/server/server-settings.js';
import { SettingsError } from '../../src/shared/errors.js';
import { type SettingDefinition, settingDefinitions } from '../../src/shared/settings/index.js';
import { readWorkerSettings } from '../../src/worker/worker-settings.js';
import { CliSession } from '../support/cli-session.js';
import { FuzzSource, fuzzBytes } from './support/fuzz-source.js';

const definitions: SettingDefinition[] = Object.values(settingDefinitions);
const readers = [readWorkerSettings, readServerSettings];

/** Settings that can be used, or one error that names every problem and shows no secret. */
function read(environment: Record<string, string>): void {
  for (const reader of readers) {
    try {
      reader(environment);
    } catch (error) {
      expect(error).toBeInstanceOf(SettingsError);
      const { message, problems } = error as SettingsError;
      expect(problems.length).toBeGreaterThan(0);
      for (const { name, secret } of definitions) {
        const value = environment[name] ?? '';
        // Others may by chance be the name of something that is told.
        if (secret && value.startsWith('planted')) {
          expect([name, message.includes(value.slice(0, 12))]).toEqual([name, false]);
        }
      }
    }
  }
}

describe('an environment of any content', () => {
  it('is used, or refused with every problem and no secret', () => {
    const fuzz = new FuzzSource('settings');
    for (let sent = 0; sent < fuzzBytes; ) {
      const environment: Record<string, string> = {};
      for (const { name } of definitions) {
        const prefix = fuzz.pick(['', `planted-${fuzz.number(1e9)}`]);
        if (fuzz.number(3) === 0) environment[name] = prefix + fuzz.text(80);
      }
      if (fuzz.number(4) === 0) environment[`TAT_CANCEL_${fuzz.text(20)}`] = fuzz.text();
      if (fuzz.number(4) === 0) environment[fuzz.text(40)] = fuzz.text();
      sent += JSON.stringify(environment).length;
      read(environment);
    }
  });

  it('may be as long as it likes', () => {
    const long = 'x'.repeat(1_000_000);
    for (const { name } of definitions) read({ [name]: long });
    read({ [long]: long, [`TAT_CANCEL_${long}`]: long });
    read(Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`SOME_VARIABLE_${index}`, 'x'])));
  });

  it.each([
    'redis://user:planted-password@@host:x',
    'redis+cluster://user:planted%password@one',
    'redis+sentinel://user:planted-password@one',
    'planted-password',
    'https://user:planted-password@example.com/path',
    'https://user:planted-password@example.com',
  ])('is refused by the command line without its secret, too: %s', async (value) => {
    const session = new CliSession();
    const secretNames = definitions.filter(({ secret }) => secret).map(({ name }) => name);
    for (const name of [...secretNames, 'TAT_ENDPOINT', 'PUBLIC_URL']) {
      for (const command of ['queues', 'worker', 'serve']) {
        const { stdout, stderr } = await session.run([command], {
          environment: {
            [name]: value,
            PORT: 'none',
            CALLS_PER_SECOND: 'none',
            LOG_LEVEL: 'debug',
            REDIS_URL: name === 'REDIS_URL' ? value : 'redis://127.0.0.1:1',
          },
          signal: AbortSignal.abort(),
        });
        expect([name, command, `${stdout}${stderr}`]).toEqual([
          name,
          command,
          expect.not.stringMatching(/planted.password/),
        ]);
      }
    }
  });
});
