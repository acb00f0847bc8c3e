import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Server } from '../../src/server/server.js';
import { readServerSettings } from '../../src/server/server-settings.js';
import { createLogger } from '../../src/shared/logger.js';
import { ExampleScene } from '../support/example-scene.js';

const token = 'operator-secret-7d1f9ac2e6b4';

/** What pages take to be there: a worker, a simulated cloud, a server, and this checkout as the working directory. */
export class DocScene {
  private constructor(
    private readonly scene: ExampleScene,
    private readonly server: Server,
  ) {}

  static async start(): Promise<DocScene> {
    const scene = await ExampleScene.start();
    const { redisUrl, prefix } = scene.installation;
    const server = new Server({
      settings: readServerSettings({
        REDIS_URL: redisUrl,
        QUEUE_PREFIX: prefix,
        PORT: '0',
        AUTH_TOKENS: `ann:operate:${token}`,
        TENCENTCLOUD_REGION: 'ap-singapore',
      }),
      logger: createLogger({ level: 'silent', name: 'test' }),
    });
    const { url } = await server.start();
    scene.places.set('127.0.0.1:8080', new URL(url).host);
    scene.places.set('redis://127.0.0.1:6379', redisUrl);
    scene.variables.TOKEN = token;
    scene.variables.AUTH_TOKENS = `ann:operate:${token}`;
    // Without it curl takes a refusal for a success.
    writeFileSync(join(scene.folder, '.curlrc'), 'fail-with-body\n');
    for (const name of readdirSync('.').filter((name) => name !== '.git')) {
      symlinkSync(resolve(name), join(scene.folder, name));
    }
    return new DocScene(scene, server);
  }

  get redisUrl(): string {
    return this.scene.installation.redisUrl;
  }

  get prefix(): string {
    return this.scene.installation.prefix;
  }

  /** Runs a command, or a whole script, as a reader would. */
  async run(script: string, withinMs?: number): Promise<{ exitCode: number | null; output: string }> {
    return await this.scene.run(script, withinMs);
  }

  /** Writes a program of a page into the working directory, with the addresses of this scene. */
  writeProgram(name: string, text: string): void {
    writeFileSync(join(this.scene.folder, name), this.scene.localise(text));
  }

  localise(text: string): string {
    return this.scene.localise(text);
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.scene.close();
  }
}
