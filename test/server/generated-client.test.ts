import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateApi } from 'swagger-typescript-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installation, startInstallation } from '../support/installation.js';
import { ServerScene, secrets } from '../support/server-scene.js';
import { waitUntil } from '../support/wait-until.js';

let installation: Installation;
let scene: ServerScene;
const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-client-'));

beforeAll(async () => {
  installation = await startInstallation();
  scene = await ServerScene.start({ prefix: installation.prefix });
});
afterAll(async () => {
  await scene.close();
  await installation.close();
  rmSync(directory, { recursive: true });
});

interface Answer<Data> {
  readonly data: Data;
}

/** As much of what is generated as the test uses. */
interface GeneratedClient {
  readonly v1: {
    enqueueRequest(
      query: object,
      body: object,
      params: { headers: Record<string, string> },
    ): Promise<Answer<{ requestId: string; duplicate: boolean }>>;
    readRequest(params: { id: string }): Promise<Answer<{ state: string; counts: Record<string, number> }>>;
  };
}

async function generateClient(): Promise<GeneratedClient> {
  const input = join(directory, 'openapi.json');
  const { text } = await scene.call('GET', '/openapi.json', { token: secrets.read });
  writeFileSync(input, text);
  await generateApi({
    input,
    output: directory,
    fileName: 'client.ts',
    silent: true,
    extractRequestParams: true,
  });
  const { Api } = await import(/* @vite-ignore */ join(directory, 'client.ts'));
  return new Api({
    baseUrl: scene.url,
    baseApiParams: { headers: { authorization: `Bearer ${secrets.enqueue}` } },
  });
}

const run = promisify(execFile);

describe('a client that is generated from the description', () => {
  it('is sound TypeScript', async () => {
    await generateClient();
    const client = join(directory, 'client.ts');
    writeFileSync(client, readFileSync(client, 'utf8').replace('// @ts-nocheck', ''));
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--lib',
      'es2023,dom,dom.iterable',
    ];
    const compiler = join('node_modules', 'typescript', 'bin', 'tsc');
    await run(process.execPath, [compiler, ...options, client]);
  }, 60_000);

  it('hands a request in and follows it to its end', async () => {
    const client = await generateClient();
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 7 });
    const body = { targets: [{ invocationId, instanceIds: [...instanceIds] }], reason: 'generated' };
    const headers = { 'idempotency-key': 'generated-1' };
    const { data } = await client.v1.enqueueRequest({}, body, { headers });
    expect(data.requestId).toMatch(/^key-/);
    expect((await client.v1.enqueueRequest({}, body, { headers })).data).toMatchObject({
      requestId: data.requestId,
      duplicate: true,
    });
    const end = await waitUntil('the request is finished', async () => {
      const status = await client.v1.readRequest({ id: data.requestId });
      return status.data.state === 'finished' && status.data;
    });
    expect(end.counts.waiting).toBe(0);
    await expect(client.v1.readRequest({ id: 'req-0' })).rejects.toMatchObject({
      status: 404,
      error: { code: 'REQUEST_NOT_FOUND' },
    });
  });
});
