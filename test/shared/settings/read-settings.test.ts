import { describe, expect, it } from 'vitest';
import { SettingsError } from '../../../src/shared/errors.js';
import {
  type Environment,
  readSettings,
  type SettingKey,
  settingDefinitions,
} from '../../../src/shared/settings/index.js';

/** Problems as `path: message`. */
function problemsOf(
  environment: Environment,
  keys: readonly SettingKey[] = ['redisUrl', 'attempts'],
): string[] {
  try {
    readSettings(keys, environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('where a setting comes from', () => {
  it('is the flag, then the prefixed variable, then the plain one, then the default', () => {
    const environment = { TAT_CANCEL_ATTEMPTS: '2', ATTEMPTS: '3' };
    const attempts = (given: Environment, flag?: string) =>
      readSettings(['attempts'], given, { flags: { attempts: flag } }).attempts;
    expect(attempts(environment, '1')).toBe(1);
    expect(attempts(environment)).toBe(2);
    expect(attempts({ ATTEMPTS: '3' })).toBe(3);
    expect(attempts({})).toBe(8);
  });

  it('may be nowhere, when there is no default', () => {
    expect(readSettings(['region'], {})).toEqual({});
  });

  it('passes over empty variables', () => {
    expect(readSettings(['attempts'], { TAT_CANCEL_ATTEMPTS: '', ATTEMPTS: '' }).attempts).toBe(8);
  });

  it('is only what was asked for, and cannot be changed afterwards', () => {
    const settings = readSettings(['attempts'], { CALLS_PER_SECOND: 'nonsense' });
    expect(settings).toEqual({ attempts: 8 });
    expect(Object.isFrozen(settings)).toBe(true);
  });
});

describe('a bad value', () => {
  it('never falls back to the next source', () => {
    expect(problemsOf({ TAT_CANCEL_ATTEMPTS: 'many', ATTEMPTS: '3' })).toEqual([
      'TAT_CANCEL_ATTEMPTS: must be a whole number',
    ]);
  });

  it('given as a flag is named by the setting', () => {
    expect(() => readSettings(['attempts'], {}, { flags: { attempts: '0' } })).toThrow(
      'the flag for ATTEMPTS: must be at least 1',
    );
  });

  it.each<[SettingKey, string, string]>([
    ['attempts', '0', 'must be at least 1'],
    ['attempts', '101', 'must be at most 100'],
    ['attempts', '1.5', 'must be a whole number'],
    ['attempts', '-1', 'must be a whole number'],
    ['attempts', '1e1', 'must be a whole number'],
    ['confirm', 'yes', 'must be true or false'],
    ['logLevel', 'verbose', 'must be one of'],
    ['queuePrefix', 'tat-cancel', 'must be a name in braces'],
    ['region', 'Guangzhou', 'is not a region'],
    ['redisUrl', 'localhost', 'must look like redis://'],
    ['endpoint', 'tat.example', 'is not a URL'],
    ['endpoint', 'http://tat.example', 'must be https://'],
    ['endpoint', 'https://tat.example/v1', 'must not have a path'],
  ])('of %s is told what is wrong with it: %s', (key, value, reason) => {
    const { name } = settingDefinitions[key];
    expect(problemsOf({ [name]: value }, [key])).toEqual([expect.stringContaining(`${name}: ${reason}`)]);
  });

  it('of one setting does not hide those of others', () => {
    expect(problemsOf({ REDIS_URL: 'x', ATTEMPTS: 'x', TAT_CANCEL_ATTEMTPS: '3' })).toHaveLength(3);
  });
});

describe('a good value', () => {
  it.each([
    'https://tat.tencentcloudapi.com',
    'https://tat.{region}.tencentcloudapi.com',
    'http://127.0.0.1:4100',
  ])('of the endpoint: %s', (endpoint) => {
    expect(readSettings(['endpoint'], { TAT_ENDPOINT: endpoint }).endpoint).toBe(endpoint);
  });

  it('of a flag is a boolean', () => {
    expect(readSettings(['confirm'], { CONFIRM: 'false' }).confirm).toBe(false);
  });
});

describe('a misspelt name', () => {
  it('with our prefix is refused with the nearest one', () => {
    expect(problemsOf({ TAT_CANCEL_CALL_PER_SECOND: '5' })).toEqual([
      'TAT_CANCEL_CALL_PER_SECOND: is not a setting; did you mean TAT_CANCEL_CALLS_PER_SECOND?',
    ]);
  });

  it.each([
    ['CALLS_PER_SECONDS', 'CALLS_PER_SECOND'],
    ['TENCENTCLOUD_SECRETID', 'TENCENTCLOUD_SECRET_ID'],
    ['WORKER_CONCURENCY', 'WORKER_CONCURRENCY'],
  ])('without it is refused when it is one slip away: %s', (name, nearest) => {
    expect(problemsOf({ [name]: '5' })).toEqual([`${name}: is not a setting; did you mean ${nearest}?`]);
  });

  it('is not seen in what other programs use', () => {
    expect(
      problemsOf({ PATH: '/bin', HOME: '/root', NODE_ENV: 'test', REDIS_HOST: 'x', HOSTNAME: 'y' }),
    ).toEqual([]);
  });
});

describe('the default of every setting', () => {
  const withDefault = Object.entries(settingDefinitions).filter(([, definition]) => 'default' in definition);

  it.each(withDefault)('is a value that it accepts: %s', (_key, definition) => {
    const { schema, default: value } = definition as {
      schema: { safeParse(text: string): { success: boolean } };
      default: string;
    };
    expect(schema.safeParse(value).success).toBe(true);
  });
});
