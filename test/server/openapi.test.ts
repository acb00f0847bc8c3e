import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemSchema } from '../../src/server/problem.js';
import { buryRequests } from '../support/buried-requests.js';
import { conformsTo } from '../support/openapi-check.js';
import { type Operation, operationsOf, requestFor } from '../support/openapi-fuzz.js';
import { ServerScene, secrets } from '../support/server-scene.js';

let scene: ServerScene;
// biome-ignore lint/suspicious/noExplicitAny: a description of any shape
let description: any;

beforeAll(async () => {
  scene = await ServerScene.start();
  await buryRequests(scene.redis, { prefix: scene.prefix, requests: 3 });
  description = (await scene.call('GET', '/openapi.json', { token: secrets.read })).body;
});
afterAll(() => scene.close());

const token = secrets.operate;

describe('the description of the interface', () => {
  it('names every route of the interface, once', () => {
    expect(description.openapi).toBe('3.1.0');
    const described = operationsOf(description).map(({ method, path }) => `${method} ${path}`);
    const served = scene.routes
      .filter(({ url }) => url.startsWith('/v1/'))
      .flatMap(({ method, url }) =>
        [method]
          .flat()
          .filter((each) => each !== 'HEAD')
          .map((each) => `${each} ${url.replace(/:(\w+)/g, '{$1}')}`),
      );
    expect(described.filter((each) => each.includes(' /v1/')).sort()).toEqual(served.sort());
  });

  it('says of every answer what it looks like, and what problems there may be', () => {
    for (const { path, operation } of operationsOf(description)) {
      if (!path.startsWith('/v1/')) continue;
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '401', '403', '503']));
      expect([path, operation.summary]).toEqual([path, expect.any(String)]);
    }
  });

  it('holds no schema that nothing explains', () => {
    const text = JSON.stringify(description);
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names)
      expect([name, description.components.schemas[name ?? '']]).toEqual([name, expect.any(Object)]);
  });
});

describe('the check of answers', () => {
  it('finds what is missing, what is wrong, and what nobody described', () => {
    const schema = { $ref: '#/components/schemas/Session' };
    expect(conformsTo(description, schema, { name: 'ann', role: 'operate' })).toEqual([]);
    for (const wrong of [
      { name: 'ann' },
      { name: 'ann', role: 'king' },
      { name: 'ann', role: 'read', more: 1 },
    ]) {
      expect([wrong, conformsTo(description, schema, wrong).length]).toEqual([wrong, 1]);
    }
  });
});

describe('whatever is sent to any route', () => {
  it('is answered as described, or with a problem document, and never with a fault of the server', async () => {
    const operations = operationsOf(description).filter(({ path }) => !path.endsWith('/events'));
    const seen = new Map<string, Set<number>>();
    for (const operation of operations) {
      await fc.assert(
        fc.asyncProperty(requestFor(description, operation), async ({ path, body, headers }) => {
          const answer = await scene.call(operation.method, path, {
            token,
            headers,
            ...(body === undefined ? {} : { body }),
          });
          const name = `${operation.method} ${operation.path}`;
          seen.set(name, (seen.get(name) ?? new Set()).add(answer.status));
          check(operation, answer);
        }),
        { numRuns: 60 },
      );
    }
    const good = [...seen].filter(([, statuses]) => [...statuses].some((status) => status < 300));
    // The generator makes sense: most routes were also asked for something that they do.
    expect(good.length).toBeGreaterThan(operations.length * 0.7);
  }, 120_000);
});

function check(
  operation: Operation,
  answer: { status: number; headers: Headers; body: unknown; text: string },
): void {
  const type = answer.headers.get('content-type') ?? '';
  if (answer.status >= 200 && answer.status < 300) {
    if (type.includes('application/json')) {
      const schema = operation.operation.responses[answer.status]?.content?.['application/json']?.schema;
      expect(conformsTo(description, schema, answer.body)).toEqual([]);
    }
    return;
  }
  expect([answer.status, answer.text]).toEqual([
    expect.toSatisfy((status: number) => status < 500),
    answer.text,
  ]);
  expect(type).toContain('application/problem+json');
  expect(problemSchema.safeParse(answer.body).error).toBeUndefined();
  expect(Object.keys(operation.operation.responses)).toContain(String(answer.status));
}
