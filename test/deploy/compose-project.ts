import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is missing to start docker-compose.yml for real, in one line; undefined when nothing is. */
export function findEngineProblem(): string | undefined {
  const needs: readonly (readonly [problem: string, args: readonly string[]])[] = [
    ['no Docker engine answers', ['info']],
    ['docker compose is missing', ['compose', 'version']],
    ['there is no image of Redis', ['image', 'inspect', 'redis:7.4-bookworm']],
    ['there is no image tat-cancel (docker compose build)', ['image', 'inspect', 'tat-cancel']],
  ];
  for (const [problem, args] of needs) {
    try {
      execFileSync('docker', args, { stdio: 'ignore', timeout: 10_000 });
    } catch {
      return problem;
    }
  }
  return undefined;
}

/** docker-compose.yml under a project name of its own, on free ports, with volumes that go when it is removed. */
export class ComposeProject {
  readonly #directory = mkdtempSync(join(tmpdir(), 'tat-cancel-compose-'));
  readonly #name = `tat-cancel-test-${process.pid}`;
  readonly #override = join(this.#directory, 'override.yml');

  /** `environment` is added to that of the named services. */
  constructor(environment: Readonly<Record<string, Readonly<Record<string, string>>>>) {
    const services = Object.fromEntries(
      Object.entries(environment).map(([name, variables]) => [name, { environment: variables }]),
    );
    writeFileSync(this.#override, JSON.stringify({ services }));
  }

  /** Runs `docker compose` and resolves with its stdout; rejects when it fails. */
  async compose(...args: string[]): Promise<string> {
    const files = ['-f', 'docker-compose.yml', '-f', this.#override];
    const ports = { REDIS_PORT: '0', SIMULATOR_PORT: '0', DEMO_PORT: '0', SERVER_PORT: '0' };
    const { stdout } = await run('docker', ['compose', '-p', this.#name, ...files, ...args], {
      env: { ...process.env, ...ports },
      maxBuffer: 2 ** 26,
    });
    return stdout;
  }

  /** Runs a command in a service's container. */
  async exec(service: string, ...command: string[]): Promise<string> {
    return await this.compose('exec', '-T', service, ...command);
  }

  /** Where a container's port is on this machine, as http://127.0.0.1:49153. */
  async urlOf(service: string, port: number): Promise<string> {
    return `http://${(await this.compose('port', service, String(port))).trim()}`;
  }

  async states(service: string): Promise<{ State: string; Health: string; ExitCode: number }[]> {
    const lines = await this.compose('ps', '--all', '--format', 'json', service);
    return lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  async remove(): Promise<void> {
    await this.compose('--profile', '*', 'down', '--volumes', '--timeout', '5');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
