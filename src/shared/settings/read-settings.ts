import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { type Problem, SettingsError } from '../errors.js';
import { type SettingDefinition, type SettingKey, settingDefinitions } from './definitions.js';

/** Every setting may also be written with this prefix, which wins; unknown names with it are refused. */
export const settingPrefix = 'TAT_CANCEL_';

type Definitions = typeof settingDefinitions;
type ValueOf<Key extends SettingKey> = z.output<Definitions[Key]['schema']>;

/** The settings asked for: those with a default are always there. */
export type Settings<Key extends SettingKey> = Readonly<
  { [K in Key as Definitions[K] extends { default: string } ? K : never]: ValueOf<K> } & {
    [K in Key as Definitions[K] extends { default: string } ? never : K]?: ValueOf<K>;
  }
>;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads settings: the first of flag, prefixed variable, variable, default. A bad value never falls back to the next.
 * `check` may look at several settings together and names what does not fit.
 * @throws {SettingsError} with every problem at once.
 */
export function readSettings<Key extends SettingKey>(
  keys: readonly Key[],
  environment: Environment,
  options: {
    flags?: Readonly<Partial<Record<Key, string | undefined>>>;
    check?: (settings: Partial<Settings<Key>>) => Problem[];
  } = {},
): Settings<Key> {
  const problems = findMisspeltNames(environment);
  const values: Partial<Record<Key, unknown>> = {};
  for (const key of keys) {
    const definition: SettingDefinition = settingDefinitions[key];
    const text = textOf(definition, environment, options.flags?.[key]);
    if (text === undefined) continue;
    const result = definition.schema.safeParse(text.value);
    if (result.success) values[key] = result.data;
    else problems.push(...result.error.issues.map(({ message }) => ({ path: text.source, message })));
  }
  const settings = values as Partial<Settings<Key>>;
  problems.push(...(options.check?.(settings) ?? []));
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze(settings) as Settings<Key>;
}

function textOf(
  definition: SettingDefinition,
  environment: Environment,
  flag: string | undefined,
): { value: string; source: string } | undefined {
  if (flag !== undefined) return { value: flag, source: `the flag for ${definition.name}` };
  for (const name of [settingPrefix + definition.name, definition.name]) {
    const value = environment[name];
    if (value !== undefined && value !== '') return { value, source: name };
  }
  return definition.default === undefined
    ? undefined
    : { value: definition.default, source: definition.name };
}

/** No setting comes near that; comparing what is much longer would take seconds. */
const longestName = 100;

const knownNames: readonly string[] = Object.values(settingDefinitions).map(({ name }) => name);

/** Names with our prefix that mean nothing, and names without it that are one slip away from a setting. */
function findMisspeltNames(environment: Environment): Problem[] {
  const problems: Problem[] = [];
  for (const name of Object.keys(environment)) {
    if (name.startsWith(settingPrefix)) {
      const rest = name.slice(settingPrefix.length);
      if (knownNames.includes(rest)) continue;
      problems.push({
        path: name,
        message: `is not a setting; did you mean ${settingPrefix}${nearestTo(rest)}?`,
      });
    } else if (name.length >= 8 && name.length <= longestName && !knownNames.includes(name)) {
      const nearest = nearestTo(name);
      if (distance(name, nearest) <= 2) {
        problems.push({ path: name, message: `is not a setting; did you mean ${nearest}?` });
      }
    }
  }
  return problems;
}

function nearestTo(text: string): string {
  const name = text.slice(0, longestName);
  return knownNames.reduce((best, known) => (distance(name, known) < distance(name, best) ? known : best));
}
