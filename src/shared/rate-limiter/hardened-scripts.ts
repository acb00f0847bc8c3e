import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Bottleneck does not export its scripts; it is pinned to one version, and every rewrite checks what it finds. */
const bottleneck = createRequire(import.meta.url);
const { names, payload } = bottleneck('bottleneck/lib/Scripts.js') as {
  names: readonly string[];
  payload(name: string): string;
};
const { version } = bottleneck('bottleneck/package.json') as { version: string };

export const rateShareLua = readLua('rate-share.lua');
export const windowLogLua = readLua('window-log.lua');
const placePermitLua = readLua('place-permit.lua');

interface Rewrite {
  readonly find: string;
  readonly replace: string;
}

/** The clients' clocks differ, the server's is one. */
const serverClock: Rewrite = {
  find: 'local now = tonumber(ARGV[1])',
  replace: "local clock = redis.call('time')\nlocal now = clock[1] * 1000 + math.floor(clock[2] / 1000)",
};

/** Redis 7 puts `ERR ` in front of what `error_reply` makes, and Bottleneck compares the bare text to mend itself. */
function bareError(text: string): Rewrite {
  return { find: `redis.error_reply(${text})`, replace: `{err=${text}}` };
}
const bareSettingsError = bareError("'SETTINGS_KEY_NOT_FOUND'");
const bareClientError = bareError("'UNKNOWN_CLIENT'");
const bareWeightError = bareError("'OVERWEIGHT:'..weight..':'..maxConcurrent");

const permitPlacement: readonly Rewrite[] = [
  {
    find: 'local index = ARGV[num_static_argv + 1]',
    replace: `${rateShareLua}\n${windowLogLua}\n${placePermitLua}\nlocal index = ARGV[num_static_argv + 1]`,
  },
  {
    find: 'local groupTimeout = tonumber(settings[3])',
    replace:
      'local groupTimeout = tonumber(settings[3])\nlocal wait, newNextRequest, permit = place_permit(nextRequest, minTime)',
  },
  {
    find: '  local wait = math.max(nextRequest - now, 0)\n  local newNextRequest = now + wait + minTime\n',
    replace: '',
  },
  // Counted from the reservation, the permit of a long queue would expire before its turn.
  { find: 'now + expiration, index', replace: 'now + wait + expiration, index' },
  {
    find: 'return {true, wait, reservoir}',
    replace: 'return {true, wait, reservoir or false, unpack(permit)}',
  },
];

/** Bottleneck is not the version that the rewrites were made for. Nothing can be limited with it. */
export class BottleneckChangedError extends Error {
  readonly code = 'BOTTLENECK_CHANGED';
  override readonly name = 'BottleneckChangedError';
}

/**
 * Bottleneck's Lua scripts by name, made fit for several hosts on Redis 7 (`docs/limiter.md` says why, fault by
 * fault). Throws `BottleneckChangedError` when a text to be replaced is not found exactly once.
 */
export function hardenScripts(): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, hardenScript(name, payload(name))]));
}

/** Exported for tests, which hand in scripts of another version. */
export function hardenScript(name: string, lua: string): string {
  let text = lua;
  for (const { find, replace } of rewritesOf(name)) {
    const parts = text.split(find);
    if (parts.length !== 2) {
      throw new BottleneckChangedError(
        `Bottleneck ${version} cannot be hardened: its script ${name} holds ${JSON.stringify(find)} ` +
          `${parts.length - 1} times instead of once. Install exactly the version that package.json names.`,
      );
    }
    text = parts.join(replace);
  }
  return text;
}

function rewritesOf(name: string): readonly Rewrite[] {
  switch (name) {
    case 'init':
    case 'group_check':
      return [serverClock];
    case 'register_client':
      return [serverClock, bareSettingsError];
    case 'submit':
      return [serverClock, bareSettingsError, bareClientError, bareWeightError];
    case 'register':
      return [serverClock, bareSettingsError, bareClientError, ...permitPlacement];
    default:
      return [serverClock, bareSettingsError, bareClientError];
  }
}

export function readLua(fileName: string): string {
  return readFileSync(new URL(`./${fileName}`, import.meta.url), 'utf8');
}
