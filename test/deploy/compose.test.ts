import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { redisImage } from '../support/test-redis.js';
import {
  findStrayNames,
  isSecret,
  type Manifest,
  packageVersion,
  type Role,
  readAs,
  readManifests,
} from './deployment-files.js';

const [compose] = readManifests('docker-compose.yml') as [Manifest];
const services = Object.entries<Manifest>(compose.services);
const processes = services.filter(([, { image }]) => image === 'tat-cancel');
const long = processes.filter(([, { command }]) => ['worker', 'serve'].includes(command[0]));
const roleOf = ({ command }: Manifest) => command[0] as Role;

describe('docker-compose.yml', () => {
  it.each(services)('runs %s without rights, on a root that cannot be written', (_name, service) => {
    expect(service).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: expect.any(Number),
    });
    expect(service.privileged).toBeUndefined();
    expect(service.user).not.toBe('root');
  });

  it.each(services)('opens %s to this machine only', (_name, { ports = [] }) => {
    for (const port of ports as string[]) {
      expect(port.replace(/\$\{[A-Z_]+:-(\d+)\}/, '$1')).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
  });

  it.each(long)('gives %s settings that it knows and takes', (_name, service) => {
    // The region is for commands that people run in a worker's container.
    expect(findStrayNames(roleOf(service), service.environment, ['TENCENTCLOUD_REGION'])).toEqual([]);
    const settings = readAs(roleOf(service), service.environment);
    expect(settings.redisUrl).toBe('redis://redis:6379');
  });

  it.each(long)('waits for %s longer than it takes to stop', (_name, service) => {
    const { shutdownGraceMs } = readAs(roleOf(service), service.environment);
    expect(Number.parseInt(service.stop_grace_period, 10) * 1_000).toBeGreaterThan(shutdownGraceMs);
    expect(service.stop_grace_period).toMatch(/^\d+s$/);
  });

  it('holds no secret', () => {
    const written = long
      .flatMap(([, { environment }]) => Object.entries(environment))
      .filter(([name, value]) => isSecret(name) && name !== 'REDIS_URL' && value !== null);
    expect(written).toEqual([]);
  });

  it('asks workers and servers how they are where they say it', () => {
    for (const name of ['worker', 'server']) {
      const { environment, healthcheck } = compose.services[name];
      expect(healthcheck.test.at(-1)).toContain(`http://127.0.0.1:${environment.METRICS_PORT}/livez`);
    }
    expect(compose.services.server.ports[0]).toMatch(
      new RegExp(`:${compose.services.server.environment.PORT}$`),
    );
  });

  it('starts Redis, two workers and the server unless told more', () => {
    const plain = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
    expect(plain).toEqual(['redis', 'worker', 'server']);
    expect(compose.services.worker.deploy.replicas).toBe(2);
  });

  it('runs a Redis that forgets nothing, of the version that the tests run', () => {
    const { image, command, volumes } = compose.services.redis;
    expect(image).toBe(redisImage);
    expect(command).toEqual(
      expect.arrayContaining(['--appendonly yes', '--appendfsync always', '--maxmemory-policy noeviction']),
    );
    expect(volumes).toEqual(['redis-data:/data']);
  });

  it('bounds what Redis holds, with room for the copy that rewriting its file takes', () => {
    const { command, mem_limit } = compose.services.redis;
    const most = command.find((part: string) => part.startsWith('--maxmemory '));
    expect(gibibytes(mem_limit)).toBeGreaterThanOrEqual(2 * gibibytes(most));
    for (const [name, service] of services) expect(service.mem_limit, name).toEqual(expect.any(String));
  });

  it('builds one image, which both roles run', () => {
    expect(processes.map(([name, { image, build }]) => [name, image, build])).toEqual([
      ['worker', 'tat-cancel', '.'],
      ['server', 'tat-cancel', undefined],
    ]);
  });

  it('mounts files that are there', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes as string[]);
    const paths = mounts.filter((mount) => mount.startsWith('./')).map((mount) => mount.split(':')[0] ?? '');
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    for (const mount of mounts.filter((mount) => mount.startsWith('./'))) expect(mount).toMatch(/:ro$/);
  });
});

describe('the Dockerfile', () => {
  const lines = readFileSync('Dockerfile', 'utf8').replaceAll('\\\n', ' ').split('\n');

  it('ends as a numbered user, with this version on its label', () => {
    expect(lines.filter((line) => line.startsWith('USER')).at(-1)).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
    expect(lines.join('\n')).toContain(`org.opencontainers.image.version="${packageVersion}"`);
  });

  it('copies what .dockerignore lets in, and nothing else is let in', () => {
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    const allowed = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect([...new Set(copied)].sort()).toEqual(allowed.sort());
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
  });
});

/** The default in `--maxmemory ${REDIS_MAXMEMORY:-1gb}` and `${REDIS_MEMORY_LIMIT:-2g}`. */
function gibibytes(setting: string): number {
  const [, amount = ''] = /:-(\d+)gb?\}/.exec(setting) ?? [];
  return Number(amount);
}
