import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ledger } from '../../src/shared/ledger/index.js';
import { type Installation, startInstallation } from './installation.js';
import { PrivateRedis } from './private-redis.js';
import { PseudoTerminal } from './pseudo-terminal.js';

/** The ids that the help texts use. */
const requestId = 'req-m3x8k2p1f00dfeed';
const letterId = `${requestId}.0.1a2b3c4d`;
const invocationId = 'inv-1a2b3c4d';
const instanceIds = ['ins-5e6f7a8b', 'ins-9c0d1e2f', 'ins-00000003'];
const region = 'ap-singapore';

/** What ends a command that runs until it is told to stop: what it shows when it is up, and a key. */
const endings: Readonly<Record<string, readonly [shown: RegExp, keys: string]>> = {
  watch: [/q quit/, 'q'],
  worker: [/worker started/, '\u0003'],
  serve: [/listen|serv(?:es|ing)/i, '\u0003'],
  simulator: [/Simulated TAT API/, '\u0003'],
};

/** A live installation in which everything exists that the help texts speak of, and a folder to run them in. */
export class ExampleScene {
  /** Where commands run, and their home. */
  readonly folder = mkdtempSync(join(tmpdir(), 'tat-cancel-examples-'));
  /** Addresses that examples name, and where that is here. */
  readonly places = new Map<string, string>();
  /** Set beside those that every command gets. */
  readonly variables: Record<string, string> = {};

  private constructor(
    private readonly redis: PrivateRedis,
    readonly installation: Installation,
  ) {
    this.places.set('127.0.0.1:4010', new URL(installation.simulator.url).host);
  }

  static async start(): Promise<ExampleScene> {
    const redis = await PrivateRedis.start({ directives: [['appendfsync', 'always']] });
    const installation = await startInstallation({
      redisUrl: redis.url,
      worker: { callsPerSecond: 1_000, timings: { reconcileEveryMs: 200 } },
      simulator: { callsPerSecond: 0 },
    });
    const scene = new ExampleScene(redis, installation);
    await scene.#fill();
    return scene;
  }

  /** Runs one line, or several, as a user would, says yes where it is asked, and resolves with its end. */
  async run(line: string, withinMs = 30_000): Promise<{ exitCode: number | null; output: string }> {
    const terminal = new PseudoTerminal(this.localise(line), {
      cwd: this.folder,
      environment: this.#environment(),
    });
    terminal.answer(/\[y\/N\]|\(y\/N\)|type yes|y\/n/i, 'y\n');
    for (const [command, [shown, keys]] of Object.entries(endings)) {
      if (new RegExp(`tat-cancel ${command}\\b`).test(line)) terminal.answer(shown, keys);
    }
    const exitCode = await terminal.exitCode(withinMs);
    return { exitCode, output: terminal.output };
  }

  async close(): Promise<void> {
    await this.installation.close();
    await this.redis.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ports that may be taken, and addresses beyond this machine, are the only things that are replaced. */
  localise(text: string): string {
    const moved = [...this.places].reduce((line, [named, here]) => line.replaceAll(named, here), text);
    return moved
      .replace(/\b0\.0\.0\.0\b/, '127.0.0.1')
      .replace(/tat-cancel simulator\b/, 'tat-cancel simulator --port 0')
      .replace(/tat-cancel serve\b/, 'tat-cancel serve --port 0');
  }

  #environment(): Record<string, string | undefined> {
    const { redisUrl, prefix, simulator } = this.installation;
    return {
      PATH: `${this.folder}/bin:${process.env.PATH}`,
      HOME: this.folder,
      REDIS_URL: redisUrl,
      QUEUE_PREFIX: prefix,
      TAT_ENDPOINT: simulator.url,
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
      TENCENTCLOUD_REGION: region,
      ...this.variables,
    };
  }

  async #fill(): Promise<void> {
    const { simulator, redis, prefix } = this.installation;
    const command = { commandId: 'cmd-1a2b3c4d' };
    simulator.addInvocation({ invocationId, region, instanceIds, command });
    simulator.addInvocation({
      invocationId: 'inv-5e6f7a8b',
      region,
      instanceIds: ['ins-9c0d1e2f', 'lhins-3a4b5c6d'],
    });
    const ledger = new Ledger(redis, prefix);
    const jobs = [
      { position: 0, region, invocationId: 'inv-00000bad', instanceIds: ['ins-00000bad'] },
      { position: 1, region, invocationId, instanceIds: instanceIds.slice(2) },
    ];
    const facts = { priority: 'normal', confirm: '1', label: 'rollout-4711' };
    await ledger.accept({ requestId, fingerprint: 'print', priority: 'normal', facts, jobs });
    const letter = { requestId, jobId: `${requestId}.0`, code: 'NotConfirmed', message: 'still running' };
    await ledger.settle({
      landed: true,
      leaseMs: 0,
      calls: 0,
      sentAt: 0,
      moves: [{ kind: 'bury', ref: `${requestId}.0`, mask: 'd', letterId, letter }],
    });
    writeFileSync(
      join(this.folder, 'targets.csv'),
      `${invocationId},ins-5e6f7a8b,${region}\n${invocationId},ins-9c0d1e2f,ap-tokyo\n`,
    );
    const bin = join(this.folder, 'bin');
    mkdirSync(bin);
    const shim = join(bin, 'tat-cancel');
    writeFileSync(shim, `#!/bin/sh\nexec ${process.execPath} ${resolve('dist/cli/main.js')} "$@"\n`);
    chmodSync(shim, 0o755);
  }
}
