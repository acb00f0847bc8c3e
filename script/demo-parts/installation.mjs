import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { Processes } from './processes.mjs';
import { region, simulatorFlags } from './scenario.mjs';

const command = join(import.meta.dirname, '../../dist/cli/main.js');

/** A private Redis, a simulated TAT API and two workers, all processes of their own. */
export class Installation {
  #directory;
  #redisPort;
  #simulatorPort;
  #processes;

  /** @param directory for the files of its processes */
  static async plan(directory) {
    const installation = new Installation();
    installation.#directory = directory;
    [installation.#redisPort, installation.#simulatorPort] = await findFreePorts(2);
    installation.#processes = new Processes({
      // Nothing else gets through, so that settings for real work cannot.
      ...pick(process.env, ['PATH', 'HOME', 'LANG', 'TERM', 'COLUMNS', 'NO_COLOR']),
      REDIS_URL: `redis://127.0.0.1:${installation.#redisPort}`,
      TAT_ENDPOINT: `http://127.0.0.1:${installation.#simulatorPort}`,
      TENCENTCLOUD_REGION: region,
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
    });
    return installation;
  }

  /** The file that holds every call that reached the simulator, one line of JSON each. */
  get callLog() {
    return join(this.#directory, 'calls.ndjson');
  }

  async start() {
    await this.#startRedis();
    await this.#startSimulator();
    await Promise.all([this.#startWorker(1), this.#startWorker(2)]);
  }

  /** Runs `tat-cancel` on the terminal and returns its exit code. */
  async run(...args) {
    return await this.#processes.runInForeground(process.execPath, [command, ...args]);
  }

  /** Runs `tat-cancel … --json` and returns what it printed. */
  async ask(...args) {
    return await this.#processes.readJson(process.execPath, [command, ...args, '--json']);
  }

  /** Asks a control endpoint of the simulator. */
  async askSimulator(path, body) {
    const response = await fetch(`http://127.0.0.1:${this.#simulatorPort}/_simulator/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the simulator answers ${path} with HTTP ${response.status}`);
    return await response.json();
  }

  /** Of Redis, the simulator and the workers. */
  get serverPids() {
    return this.#processes.serverPids;
  }

  describeOutput() {
    return this.#processes.describeOutput();
  }

  async stop() {
    await this.#processes.stopAll();
  }

  async #startRedis() {
    const directives = {
      port: this.#redisPort,
      bind: '127.0.0.1',
      dir: this.#directory,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      'maxmemory-policy': 'noeviction',
    };
    const isReady = /Ready to accept connections/;
    await this.#processes.startServer('redis', findRedisServer(), toFlags(directives), isReady);
  }

  async #startSimulator() {
    const flags = toFlags({ ...simulatorFlags, port: this.#simulatorPort, 'call-log-path': this.callLog });
    const args = [command, 'simulator', ...flags];
    await this.#processes.startServer('simulator', process.execPath, args, /TAT_ENDPOINT=/);
  }

  async #startWorker(number) {
    const args = [command, 'worker'];
    await this.#processes.startServer(`worker ${number}`, process.execPath, args, /worker started/);
  }
}

function findRedisServer() {
  const directories = (process.env.PATH ?? '').split(delimiter);
  const paths = ['redis-server', 'valkey-server'].flatMap((name) =>
    directories.map((directory) => join(directory, name)),
  );
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error('there is no redis-server or valkey-server: run script/bootstrap');
  return found;
}

/** Different ones: each is held until all are found. */
async function findFreePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const listen = (server) =>
    new Promise((resolve, reject) => server.on('error', reject).listen(0, '127.0.0.1', resolve));
  await Promise.all(servers.map(listen));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function toFlags(settings) {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function pick(environment, names) {
  return Object.fromEntries(
    names.flatMap((name) => (name in environment ? [[name, environment[name]]] : [])),
  );
}
