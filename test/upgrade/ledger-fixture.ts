import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Simulator } from '../../src/simulator/index.js';

const keySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('string'), value: z.string() }),
  z.object({ type: z.literal('hash'), value: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('zset'), value: z.array(z.string()) }),
  z.object({ type: z.literal('list'), value: z.array(z.string()) }),
  z.object({ type: z.literal('set'), value: z.array(z.string()) }),
  z.object({ type: z.literal('stream'), value: z.array(z.tuple([z.string(), z.array(z.string())])) }),
]);

const fixtureSchema = z.object({
  version: z.string(),
  /** What ran in the cloud. */
  invocations: z.array(
    z.object({ invocationId: z.string(), region: z.string(), instanceIds: z.array(z.string()) }),
  ),
  /** How each request stood, by the name that says what it is there for. */
  requests: z.record(
    z.string(),
    z.object({
      requestId: z.string(),
      state: z.string(),
      total: z.number(),
      counts: z.record(z.string(), z.number()),
    }),
  ),
  /** By name without the prefix. */
  keys: z.record(z.string(), keySchema),
});

/**
 * What a released version left in Redis when it was stopped in the midst of its work. The file was written by that release:
 * its producer, workers and simulator made the requests that it names, and its keys were copied when all were closed.
 */
export type LedgerFixture = z.infer<typeof fixtureSchema>;

export function readLedgerFixture(version: string): LedgerFixture {
  const text = readFileSync(new URL(`./ledger-${version}.json`, import.meta.url), 'utf8');
  return fixtureSchema.parse(JSON.parse(text));
}

/** Puts all of it under a prefix, and what ran in the cloud into the simulator. */
export async function loadLedgerFixture(
  { keys, invocations }: LedgerFixture,
  { redis, prefix, simulator }: { redis: Redis; prefix: string; simulator: Simulator },
): Promise<void> {
  for (const invocation of invocations) simulator.addInvocation(invocation);
  for (const [name, { type, value }] of Object.entries(keys)) {
    const key = `${prefix}${name}`;
    if (type === 'string') await redis.set(key, value);
    else if (type === 'hash') await redis.hset(key, value);
    else if (type === 'list') await redis.rpush(key, ...value);
    else if (type === 'set') await redis.sadd(key, ...value);
    else if (type === 'zset') await redis.zadd(key, ...scored(value));
    else for (const [id, fields] of value) await redis.xadd(key, id, ...fields);
  }
}

function scored(flat: readonly string[]): string[] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index + 1] ?? '',
    flat[2 * index] ?? '',
  ]).flat();
}
