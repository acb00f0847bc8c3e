import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { waitUntil } from './wait-until.js';

export const nginxPath = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path));

/** nginx in front of a server, with users of its own. */
export class Nginx {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly directory: string,
  ) {}

  /** `location`: what stands in the configuration beside `proxy_pass`. Users have the password `password`. */
  static async start(
    backend: string,
    { users, location }: { users: readonly string[]; location: string },
  ): Promise<Nginx> {
    const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-nginx-'));
    const port = await freePort();
    writeFileSync(join(directory, 'users'), users.map((user) => `${user}:{PLAIN}password\n`).join(''));
    writeFileSync(
      join(directory, 'nginx.conf'),
      `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${directory}/pid; error_log stderr warn; worker_processes 1;
      events { worker_connections 64; }
      http {
        access_log off; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
        fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
        server {
          listen 127.0.0.1:${port};
          location / {
            ${location.replaceAll('/etc/nginx/users', join(directory, 'users'))}
            proxy_pass ${backend};
          }
        }
      }`,
    );
    const child = spawn(nginxPath ?? 'nginx', ['-c', join(directory, 'nginx.conf'), '-p', directory], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaints = '';
    child.stderr?.on('data', (chunk) => {
      complaints += String(chunk);
    });
    const nginx = new Nginx(`http://127.0.0.1:${port}`, child, directory);
    await waitUntil('nginx listens', async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${complaints}`);
      return await fetch(nginx.url).then(
        () => true,
        () => false,
      );
    });
    return nginx;
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
