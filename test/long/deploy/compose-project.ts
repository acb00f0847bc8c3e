import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is missing to start a compose file for real, in one line; undefined when nothing is. */
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

/** A compose file under a project name of its own, on free ports, with volumes that go when it is removed. */
export class ComposeProject {
  readonly #name = `tat-cancel-test-${process.pid}`;

  constructor(private readonly file: string) {}

  /** Runs `docker compose` and resolves with its stdout; rejects when it fails. */
  async compose(...args: string[]): Promise<string> {
    const ports = { REDIS_PORT: '0', SIMULATOR_PORT: '0', DEMO_PORT: '0', SERVER_PORT: '0' };
    const { stdout } = await run('docker', ['compose', '-p', this.#name, '-f', this.file, ...args], {
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
  }
}
