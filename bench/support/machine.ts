import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { findRedisServer } from '../../test/support/private-redis.js';

/** More than this and other processes are part of what is measured. */
const quietLoad = 0.5;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly redis: string;
  readonly loadAverage: number;
  readonly date: string;
}

export function describeMachine(): Machine {
  const binary = findRedisServer();
  const banner = binary === undefined ? '' : execFileSync(binary, ['--version'], { encoding: 'utf8' });
  return {
    cpu: cpus()[0]?.model ?? 'unknown CPU',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    redis: /v=(\S+)/.exec(banner)?.[1] ?? 'unknown',
    loadAverage: loadavg()[0] ?? 0,
    date: new Date().toISOString().slice(0, 16),
  };
}

export function formatMachine(machine: Machine): string {
  const { cpu, cores, memoryGiB, node, redis, loadAverage, date } = machine;
  const text = `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, Redis ${redis}, load average ${loadAverage.toFixed(2)} at start, ${date} UTC`;
  const warning = `Others are at work on this machine (load average above ${quietLoad}): what is measured is too bad.`;
  return loadAverage > quietLoad ? `${text}\n${warning}` : text;
}
