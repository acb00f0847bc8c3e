import { spawn } from 'node:child_process';
import { once } from 'node:events';

const readyWithinMs = 20_000;
const endsWithinMs = 20_000;

/** The processes of the demo, all in one environment. What was started first is stopped last. */
export class Processes {
  #started = [];
  #isStopping = false;
  #environment;

  constructor(environment) {
    this.#environment = environment;
  }

  /** Starts a server in the background and waits until its output tells that it is ready. Returns that output. */
  async startServer(name, command, args, readyPattern) {
    if (this.#isStopping) throw new Error('the demo is being stopped');
    // In a process group of its own: Ctrl-C then reaches the demo alone, which stops its servers in good order.
    const child = spawn(command, args, {
      env: this.#environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = { name, child, output: '', isServer: true };
    this.#started.push(server);
    await new Promise((resolve, reject) => {
      const fail = (problem) => reject(new Error(`${name} ${problem}`));
      const patience = setTimeout(fail, readyWithinMs, `is not ready after ${readyWithinMs / 1000} s`);
      const collect = (chunk) => {
        server.output = (server.output + chunk).slice(-20_000);
        if (!readyPattern.test(server.output)) return;
        clearTimeout(patience);
        resolve();
      };
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
      child.on('error', (error) => fail(`cannot be started: ${error.message}`));
      child.on('exit', (code, signal) => fail(`ended too early (${signal ?? `exit code ${code}`})`));
    });
    return server.output;
  }

  get serverPids() {
    return this.#started.filter(({ isServer }) => isServer).map(({ child }) => child.pid);
  }

  /** Runs a command on the terminal, to its end. Returns its exit code. */
  async runInForeground(command, args) {
    const child = spawn(command, args, { env: this.#environment, stdio: ['ignore', 'inherit', 'inherit'] });
    this.#started.push({ name: 'the command', child, output: '' });
    const [code] = await once(child, 'exit');
    return code;
  }

  /** Runs a command that prints one JSON document. What it says besides is kept for `describeOutput`. */
  async readJson(command, args) {
    const child = spawn(command, args, { env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const process = { name: 'a command', child, output: '' };
    this.#started.push(process);
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.on('data', (chunk) => {
      process.output += chunk;
    });
    await once(child, 'close');
    if (text === '') throw new Error('a command printed nothing');
    return JSON.parse(text);
  }

  /** The last lines that each server has written, for whoever looks into a failure. */
  describeOutput() {
    return this.#started
      .filter(({ output }) => output !== '')
      .map(({ name, output }) => `--- ${name}\n${output.trim().split('\n').slice(-15).join('\n')}\n`)
      .join('');
  }

  async stopAll() {
    this.#isStopping = true;
    for (const { child } of this.#started.splice(0).reverse()) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), endsWithinMs);
      await ended;
      clearTimeout(patience);
    }
  }
}
