import { Agent, get, type IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.js';
import { absent, failed, type KeyProvider } from './key-provider.js';
import { TemporaryKey } from './temporary-key.js';
import { readTemporaryKey } from './temporary-key-parts.js';

export const defaultMetadataUrl = 'http://metadata.tencentyun.com';

export interface CvmRoleKeyOptions {
  readonly clock: Clock;
  readonly metadataUrl: string;
  /** True when someone asked for it: that there is no metadata server is a failure then. */
  readonly isRequired: boolean;
  readonly timeoutMs: number;
}

/** There is no metadata server, or no role: the usual case outside the cloud. */
class NoRoleError extends Error {}

const longestAnswer = 64 * 1024;

/**
 * The temporary key of the role that is bound to the virtual machine. It asks the metadata server itself, since the
 * SDK's provider has no timeout, cannot be aborted and goes through `http_proxy`.
 */
export function createCvmRoleKey(options: CvmRoleKeyOptions): KeyProvider {
  const rolesUrl = new URL('/latest/meta-data/cam/security-credentials/', options.metadataUrl);
  const key = new TemporaryKey({
    clock: options.clock,
    timeoutMs: options.timeoutMs,
    fetch: async (signal) => {
      const role = await findRole(rolesUrl, signal);
      const answer: unknown = JSON.parse(await readText(new URL(encodeURIComponent(role), rolesUrl), signal));
      return readTemporaryKey(answer);
    },
  });
  return {
    name: 'CVM role',
    isRemote: true,
    offer: async () => {
      try {
        return { kind: 'key', credential: await key.get() };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return error instanceof NoRoleError && !options.isRequired ? absent(reason) : failed(reason);
      }
    },
    forget: (refused) => key.forget(refused),
  };
}

async function findRole(rolesUrl: URL, signal: AbortSignal): Promise<string> {
  let names: string;
  try {
    names = await readText(rolesUrl, signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NoRoleError(`no role from the metadata server (${reason})`);
  }
  const role = names.split('\n')[0]?.trim() ?? '';
  if (role === '') throw new NoRoleError('no role is bound to this machine');
  return role;
}

async function readText(url: URL, signal: AbortSignal): Promise<string> {
  // An agent of its own keeps a connection to a link-local service from lingering.
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { signal, agent: new Agent({ keepAlive: false }) }, resolve).on('error', reject);
  });
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`HTTP ${response.statusCode}`);
  }
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > longestAnswer) throw new Error('the answer is too long');
  }
  return text;
}
