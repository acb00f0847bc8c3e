import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRequest, planRequestInTurns } from '../../src/producer/plan-request.js';
import { EnqueueError } from '../../src/shared/errors.js';
import { parseJobId } from '../../src/shared/job-ref.js';
import type { CancelRequest } from '../../src/shared/schemas.js';

const region = 'ap-guangzhou';
const [one, two] = ['inv-00000001', 'inv-00000002'];

function ids(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `ins-${String(from + index).padStart(8, '0')}`);
}

function request(changes: Partial<CancelRequest> = {}): CancelRequest {
  return { region, targets: [{ invocationId: one, instanceIds: ids(3) }], ...changes };
}

/** Problems as `path: message`. */
function problemsOf(input: unknown, options?: Parameters<typeof planRequest>[1]): string[] {
  try {
    planRequest(input, options);
  } catch (error) {
    if (!(error instanceof EnqueueError) || error.code !== 'INVALID_REQUEST') throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('a request that cannot be used', () => {
  it('is told every problem at once, each with its place', () => {
    const problems = problemsOf({
      targets: [
        { invocationId: 'inv-1' },
        { invocationId: one, instanceIds: [] },
        { invocationId: two, instanceIds: ['ins-00000001', 'i-00000002'], region: 'Guangzhou' },
        { invocationId: one, instances: ids(1) },
      ],
      priority: 'at once',
      idempotencyKey: '',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'idempotencyKey',
      'priority',
      'targets[0].invocationId',
      'targets[0].region',
      'targets[1].instanceIds',
      'targets[1].region',
      'targets[2].region',
      'targets[2].instanceIds[1]',
      'targets[3]',
      'targets[3].region',
    ]);
    expect(problems[8]).toContain('unknown field instances');
  });

  it('is never an empty list taken for "all of them"', () => {
    expect(problemsOf(request({ targets: [{ invocationId: one, instanceIds: [] }] }))).toEqual([
      'targets[0].instanceIds: must not be empty: leave instanceIds out to cancel the whole invocation',
    ]);
  });

  it.each([undefined, null, 'inv-00000001', 7, [], { targets: 'all' }, { targets: [] }, { targets: [null] }])(
    'is refused whatever it is: %j',
    (input) => {
      expect(problemsOf(input)).not.toEqual([]);
    },
  );

  it('lacks a region for the targets that name none', () => {
    const targets = [{ invocationId: one }, { invocationId: two, region }];
    expect(problemsOf({ targets })).toEqual([
      'targets[0].region: is missing, and there is no default region',
    ]);
    expect(problemsOf({ targets, region })).toEqual([]);
    expect(problemsOf({ targets }, { defaultRegion: region })).toEqual([]);
  });

  it('holds more instances than one request may', () => {
    const targets = [
      { invocationId: one, instanceIds: ids(6) },
      { invocationId: two, instanceIds: ids(5) },
    ];
    expect(problemsOf(request({ targets }), { maxInstances: 11 })).toEqual([]);
    expect(problemsOf(request({ targets }), { maxInstances: 10 })).toEqual([
      'targets: holds 11 instances, more than the 10 that one request may hold: split it up',
    ]);
  });

  it('is refused as too large before each of its ids is looked at', () => {
    const flood = { targets: [{ invocationId: 'inv-00000001', instanceIds: Array(2_000_000).fill('x') }] };
    const tooMany = 'targets: holds 2000000 instances, more than the 100000 that one request may hold';
    expect(problemsOf(flood)).toEqual([expect.stringContaining(tooMany)]);
  });

  it.each<[string, unknown]>([
    ['malformed targets', { targets: Array(190_000).fill({}) }],
    ['malformed ids', request({ targets: [{ invocationId: one, instanceIds: Array(190_000).fill('x') }] })],
    ['targets without a region', { targets: Array(190_000).fill({ invocationId: one }) }],
  ])('is told a hundred of its problems and that there are more: 190,000 %s', (_name, input) => {
    const problems = problemsOf(input);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toBe('request: has more problems than these');
  });

  it('is told a few of its unknown fields, not a million', () => {
    const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, 1]));
    const [problem, ...others] = problemsOf({ ...request(), ...fields });
    expect(problem).toMatch(/^request: unknown field field0, .*, field9 and 4990 more$/);
    expect(others).toEqual([]);
  });

  it('cannot smuggle fields into the ledger', () => {
    expect(problemsOf({ ...request(), settledAt: '1' })).toEqual(['request: unknown field settledAt']);
    expect(
      problemsOf(JSON.parse('{"targets":[{"invocationId":"inv-00000001","__proto__":{}}]}')),
    ).not.toEqual([]);
  });
});

describe('the jobs of a request', () => {
  it('hold at most a hundred instances of one invocation', () => {
    const targets = [
      { invocationId: one, instanceIds: ids(250) },
      { invocationId: two, instanceIds: ids(1) },
    ];
    const { jobs } = planRequest(request({ targets }));
    expect(jobs.map((job) => [job.invocationId, job.instanceIds?.length])).toEqual([
      [one, 100],
      [one, 100],
      [one, 50],
      [two, 1],
    ]);
    expect(jobs.slice(0, 3).flatMap((job) => job.instanceIds)).toEqual(ids(250));
  });

  it('name an instance once, however often it was listed', () => {
    const targets = [
      { invocationId: one, instanceIds: ['ins-00000001', 'ins-00000001'] },
      { invocationId: one, instanceIds: ['ins-00000002', 'ins-00000001'] },
    ];
    expect(planRequest(request({ targets })).jobs).toEqual([
      { region, invocationId: one, instanceIds: ['ins-00000001', 'ins-00000002'] },
    ]);
  });

  it('keep the same instance of two invocations, or of two regions, apart', () => {
    const targets = [
      { invocationId: one, instanceIds: ids(1) },
      { invocationId: two, instanceIds: ids(1) },
      { invocationId: one, instanceIds: ids(1), region: 'ap-singapore' },
    ];
    expect(planRequest(request({ targets })).jobs).toHaveLength(3);
  });

  it.each([
    ['first', [{ invocationId: one }, { invocationId: one, instanceIds: ids(3) }]],
    ['last', [{ invocationId: one, instanceIds: ids(300) }, { invocationId: one }]],
  ])('are one for a whole invocation, which takes in its lists: named %s', (_when, targets) => {
    expect(planRequest(request({ targets })).jobs).toEqual([{ region, invocationId: one }]);
  });

  it('carry every instance asked for exactly once', () => {
    const target = fc.record({
      invocationId: fc.constantFrom(one, two),
      instanceIds: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 }),
    });
    fc.assert(
      fc.property(fc.array(target, { minLength: 1, maxLength: 5 }), (drawn) => {
        const targets = drawn.map(({ invocationId, instanceIds }) => ({
          invocationId,
          instanceIds: instanceIds.map((number) => ids(1, number)[0] ?? ''),
        }));
        const { jobs } = planRequest(request({ targets }));
        const asked = new Set(
          targets.flatMap(({ invocationId, instanceIds }) =>
            instanceIds.map((id) => `${invocationId} ${id}`),
          ),
        );
        const planned = jobs.flatMap(
          (job) => job.instanceIds?.map((id) => `${job.invocationId} ${id}`) ?? [],
        );
        expect([...planned].sort()).toEqual([...asked].sort());
        for (const job of jobs) expect(job.instanceIds?.length).toBeLessThanOrEqual(100);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the identity of a request', () => {
  it('follows from its idempotency key, and is unique without one', () => {
    const keyed = () => planRequest(request({ idempotencyKey: 'incident 7: {.}' })).requestId;
    expect(keyed()).toBe(keyed());
    expect(planRequest(request()).requestId).not.toBe(planRequest(request()).requestId);
  });

  it.each(['a', 'a.b:c', '0', 'ключ', ' '])(
    'makes job ids that can be read back, whatever the key: %j',
    (key) => {
      const { requestId } = planRequest(request({ idempotencyKey: key }));
      expect(parseJobId(`${requestId}.3`)).toEqual({ requestId, position: 3 });
    },
  );

  it('is the same content in whatever order it is listed', () => {
    const content = (targets: CancelRequest['targets']) => planRequest(request({ targets })).fingerprint;
    const [list, other] = [ids(150), ids(2, 900)];
    expect(
      content([
        { invocationId: one, instanceIds: list },
        { invocationId: two, instanceIds: other },
      ]),
    ).toBe(
      content([
        { invocationId: two, instanceIds: [...other].reverse() },
        { invocationId: one, instanceIds: list.slice(70) },
        { invocationId: one, instanceIds: list.slice(0, 90).reverse() },
      ]),
    );
  });

  it('does not depend on who asks', () => {
    const content = (requestedBy: string) => planRequest(request({ requestedBy })).fingerprint;
    expect(content('alice')).toBe(content('bob'));
  });

  it.each<[string, Partial<CancelRequest>]>([
    ['instances', { targets: [{ invocationId: one, instanceIds: ids(2) }] }],
    ['the whole invocation', { targets: [{ invocationId: one }] }],
    ['another invocation', { targets: [{ invocationId: two, instanceIds: ids(3) }] }],
    ['another region', { region: 'ap-singapore' }],
    ['another priority', { priority: 'urgent' }],
    ['no proof', { confirm: false }],
    ['another reason', { reason: 'disk' }],
    ['another label', { label: 'night' }],
    ['a webhook', { webhook: 'https://example.com/told' }],
  ])('changes with the content: %s', (_what, changes) => {
    expect(planRequest(request(changes)).fingerprint).not.toBe(planRequest(request()).fingerprint);
  });

  it('is for ever what it was, so that a key finds what was accepted by an earlier version', () => {
    const targets = [{ invocationId: one, instanceIds: ['ins-00000002', 'ins-00000001'] }];
    expect(planRequest({ targets, region, reason: 'disk' }).fingerprint).toBe(
      'xrD23l5ENoP5rXwA_ErGMvmjRleMAu5-EBjfGA6fpho',
    );
  });

  it('is not changed by saying what holds anyway', () => {
    const spelt = planRequest(request({ priority: 'normal', confirm: true }));
    expect(spelt.fingerprint).toBe(planRequest(request()).fingerprint);
  });

  it('keeps what was said of the request as facts', () => {
    const said = {
      reason: 'disk',
      requestedBy: 'alice',
      label: 'night',
      idempotencyKey: 'k',
      confirm: false,
    };
    expect(planRequest(request({ ...said, priority: 'low' })).facts).toEqual({
      ...said,
      confirm: '0',
      priority: 'low',
    });
  });
});

describe('a large request', () => {
  const large = () => ({
    region,
    targets: Array.from({ length: 20_000 }, (_, index) => ({
      invocationId: `inv-${String(index).padStart(8, '0')}`,
      instanceIds: ids(2, index),
    })),
  });

  it('is the same request whether it is planned at once or in turns', async () => {
    const { fingerprint, jobs } = planRequest(large());
    expect(await planRequestInTurns(large())).toMatchObject({ fingerprint, jobs });
  });

  it('lets others have their turn', async () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await planRequestInTurns(large());
    isOver = true;
    expect(turns).toBeGreaterThan(2);
  });

  it('stays what it was when it was handed in, whatever its caller does with theirs meanwhile', async () => {
    const request = large();
    const planned = planRequestInTurns(request);
    setImmediate(() => {
      for (const target of request.targets) target.instanceIds.push('; drop everything');
    });
    await planned.then(
      ({ jobs }) => expect(JSON.stringify(jobs)).not.toContain('drop'),
      (error) => expect(error).toMatchObject({ code: 'INVALID_REQUEST' }),
    );
  });
});
