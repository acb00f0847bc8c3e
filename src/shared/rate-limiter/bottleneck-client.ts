import type { RedisClient } from '../redis-connection.js';
import { hardenScript } from './hardened-scripts.js';

type Command = (...args: unknown[]) => Promise<unknown>;
type Callback = (error: unknown, reply?: unknown) => void;

/** What Bottleneck sends with a script: number of keys, keys, arguments, callback. */
const bottleneckKeys = 8;

export interface RegisterHooks {
  /** Further keys of the hardened register script. */
  readonly keys: readonly string[];
  /** Its further arguments, asked for with each call. */
  registerArguments(): readonly (string | number)[];
  /** Sees each answer of the register script, and says what Bottleneck gets instead. */
  onRegistered(reply: unknown, sentAt: number): unknown;
}

/**
 * The client that Bottleneck believes to be ioredis. It registers the hardened scripts in place of Bottleneck's own
 * and sends everything through `redis`. Ready from the start, since `redis` must be.
 *
 * Channels are left out: Bottleneck announces freed capacity on them, and without `maxConcurrent` and reservoir there
 * is none. So no second connection is needed, and none can fail.
 */
export function createBottleneckClient(redis: RedisClient, hooks: RegisterHooks): object {
  const commands = redis as unknown as Record<string, Command>;
  const send = (name: string, args: unknown[]): Promise<unknown> => {
    const command = commands[commandName(name)];
    if (command === undefined) throw new Error(`script ${name} was not registered`);
    return command.apply(redis, args);
  };
  const client: Record<string, unknown> = {
    status: 'ready',
    setMaxListeners: () => {},
    on: () => {},
    once: () => {},
    duplicate: () => deafSubscriber,
    disconnect: () => {},
    defineCommand: (name: string, { lua }: { lua: string }) => {
      redis.defineCommand(commandName(name), { lua: hardenScript(name, lua) });
      client[name] = (...args: unknown[]) => {
        const callback = args.pop() as Callback;
        const run = name === 'register' ? register(args) : send(name, args);
        run.then(
          (reply) => callback(null, reply),
          (error: unknown) => callback(error),
        );
      };
    },
  };
  const register = async ([, ...args]: unknown[]): Promise<unknown> => {
    const keys = args.slice(0, bottleneckKeys);
    const sentAt = performance.now();
    const reply = await send('register', [
      bottleneckKeys + hooks.keys.length,
      ...keys,
      ...hooks.keys,
      ...args.slice(bottleneckKeys),
      ...hooks.registerArguments(),
    ]);
    return hooks.onRegistered(reply, sentAt);
  };
  return client;
}

const deafSubscriber = {
  status: 'ready',
  setMaxListeners: () => {},
  on: () => {},
  once: () => {},
  subscribe: (_channel: string, done: () => void) => done(),
  unsubscribe: async () => {},
  disconnect: () => {},
};

/** A name of our own: `done`, `check` or `submit` may mean something to a later ioredis. */
function commandName(script: string): string {
  return `rateLimiter_${script}`;
}
