import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFailure } from '../../src/shared/failure-table.js';
import { isolate } from '../../src/worker/isolate.js';
import { RefusingCloud, type RefusingCloudOptions } from '../support/refusing-cloud.js';

const strangerCode = 'InvalidParameterValue.InstanceIsNotRelatedToInvocation';
const deadCodes = [
  'InvalidParameterValue.InvalidInstanceId',
  'InvalidParameterValue.TooLong',
  'ResourceNotFound.InstanceNotFound',
  'OperationDenied',
  'UnsupportedOperation',
] as const;

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `ins-${String(index).padStart(8, '0')}`);
}

/** Sends all of it as the worker would, and takes the call apart when it is refused. */
async function cancel(instanceIds: readonly string[], options: RefusingCloudOptions): Promise<RefusingCloud> {
  const cloud = new RefusingCloud(options);
  const result = await cloud.send(instanceIds);
  if (result.ok) await cloud.tell({ kind: 'accepted', instanceIds, cloudRequestId: result.cloudRequestId });
  else await isolate(instanceIds, result.failure, cloud);
  return cloud;
}

/** Up to a hundred ids, some of them guilty, each with a code of its own, and a cloud that speaks of any of them. */
const guiltyCrowd = fc
  .integer({ min: 1, max: 100 })
  .chain((count) =>
    fc.record({
      all: fc.constant(ids(count)),
      guilty: fc
        .uniqueArray(fc.tuple(fc.nat({ max: count - 1 }), fc.constantFrom(...deadCodes)), {
          selector: ([position]) => position,
          maxLength: count,
        })
        .map((pairs) => new Map(pairs.map(([position, code]) => [ids(count)[position] ?? '', code]))),
      draw: fc.nat(),
    }),
  )
  .map(({ all, guilty, draw }) => ({
    all,
    guilty,
    accused: (suspects: readonly string[]) => suspects[draw % Math.max(1, suspects.length)],
  }));

describe('a refused call that is taken apart by halving', () => {
  it('gets every innocent through and tells the guilty their own reason, within the promised number of calls', async () => {
    await fc.assert(
      fc.asyncProperty(guiltyCrowd, async ({ all, guilty, accused }) => {
        const cloud = await cancel(all, { guilty, accused });
        expect(cloud.told('accepted').sort()).toEqual(all.filter((id) => !guilty.has(id)));
        expect(cloud.verdicts()).toEqual(guilty);
        expect(cloud.told('guilty')).toHaveLength(guilty.size);
        expect(cloud.told('unresolved')).toEqual([]);
        const most = 1 + guilty.size * Math.ceil(Math.log2(all.length)) + 2 * guilty.size;
        expect(cloud.calls.length).toBeLessThanOrEqual(most);
        expect(cloud.calls.every((call) => call.length > 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('needs at most 28 calls for any three among a hundred', async () => {
    const three = fc.uniqueArray(fc.nat({ max: 99 }), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(three, async (positions) => {
        const all = ids(100);
        const guilty = new Map(positions.map((position) => [all[position] ?? '', strangerCode]));
        const cloud = await cancel(all, { guilty });
        expect(cloud.calls.length).toBeLessThanOrEqual(28);
        expect(cloud.told('accepted')).toHaveLength(97);
      }),
    );
  });

  it('tells each instance once and blames nobody falsely when passing trouble comes in between', async () => {
    const trouble = fc.constantFrom('InternalError', 'AuthFailure.SignatureFailure', 'NetworkError');
    await fc.assert(
      fc.asyncProperty(
        guiltyCrowd,
        fc.integer({ min: 2, max: 12 }),
        trouble,
        async ({ all, guilty, accused }, at, code) => {
          const cloud = await cancel(all, { guilty, accused, trouble: new Map([[at, code]]) });
          const told = cloud.news.flatMap((news) => news.instanceIds);
          expect([...told].sort()).toEqual(all);
          for (const id of cloud.told('accepted')) expect(guilty.has(id)).toBe(false);
          for (const [id, verdict] of cloud.verdicts()) expect(verdict).toBe(guilty.get(id));
          for (const news of cloud.news) {
            if (news.kind === 'unresolved') expect(news.failure.code).toBe(code);
          }
          if (cloud.calls.length < at) expect(cloud.told('unresolved')).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('blames nobody when the refusal was a mistake of the cloud', async () => {
    const all = ids(100);
    const cloud = new RefusingCloud({ trouble: new Map([[1, 'UnsupportedOperation']]) });
    const refused = await cloud.send(all);
    if (refused.ok) throw new Error('the first call was to be refused');
    await isolate(all, refused.failure, cloud);
    expect(cloud.told('guilty')).toEqual([]);
    expect(cloud.told('accepted').sort()).toEqual(all);
  });

  it('blames only those that were refused in a call of their own', async () => {
    await fc.assert(
      fc.asyncProperty(
        guiltyCrowd,
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 4 }),
        async ({ all, guilty, accused }, mistakes) => {
          const trouble = new Map(mistakes.map((at) => [at, 'OperationDenied']));
          const cloud = await cancel(all, { guilty, accused, trouble });
          for (const id of cloud.told('guilty')) expect(cloud.calls).toContainEqual([id]);
          expect(cloud.news.flatMap((news) => news.instanceIds).sort()).toEqual(all);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('halves when the invocation seems to have every instance as a member', async () => {
    const all = ids(8);
    const guilty = new Map([[all[5] ?? '', 'OperationDenied']]);
    const cloud = await cancel(all, { guilty, members: new Set(all) });
    expect(cloud.reads).toBe(1);
    expect(cloud.verdicts()).toEqual(guilty);
  });
});

describe('a refused call whose invocation tells its members', () => {
  it('takes two calls, whatever the number of strangers', async () => {
    const all = ids(100);
    const strangers = all.filter((_id, index) => index % 9 === 0);
    const guilty = new Map(strangers.map((id) => [id, strangerCode]));
    const members = new Set(all.filter((id) => !guilty.has(id)));
    const cloud = await cancel(all, { guilty, members });
    expect(cloud.calls.length + cloud.reads).toBe(3);
    expect(cloud.verdicts()).toEqual(guilty);
    expect(cloud.told('accepted')).toEqual([...members]);
  });

  it('sends nothing further when nobody is a member', async () => {
    const all = ids(5);
    const guilty = new Map(all.map((id) => [id, strangerCode]));
    const cloud = await cancel(all, { guilty, members: new Set(['ins-elsewhere']) });
    expect(cloud.calls).toHaveLength(1);
    expect(cloud.told('guilty')).toEqual(all);
  });

  it('names strangers as such, even if the refusal spoke of something else', async () => {
    const all = ids(3);
    const guilty = new Map([[all[1] ?? '', 'InvalidParameterValue.InvalidInstanceId']]);
    const cloud = await cancel(all, { guilty, members: new Set([all[0] ?? '', all[2] ?? '']) });
    expect(cloud.verdicts()).toEqual(new Map([[all[1], strangerCode]]));
  });

  it('halves the members when one of them is guilty, too', async () => {
    const all = ids(20);
    const guilty = new Map([
      [all[3] ?? '', strangerCode],
      [all[11] ?? '', 'OperationDenied'],
    ]);
    const cloud = await cancel(all, { guilty, members: new Set(all.filter((id) => id !== all[3])) });
    expect(cloud.reads).toBe(1);
    expect(cloud.verdicts()).toEqual(guilty);
    expect(cloud.told('accepted')).toHaveLength(18);
  });

  it('leaves the members unresolved when their call meets passing trouble', async () => {
    const all = ids(4);
    const guilty = new Map([[all[0] ?? '', strangerCode]]);
    const members = new Set(all.slice(1));
    const cloud = await cancel(all, { guilty, members, trouble: new Map([[2, 'InternalError']]) });
    expect(cloud.told('guilty')).toEqual([all[0]]);
    expect(cloud.told('unresolved')).toEqual([...members]);
  });
});

describe('a refusal that no taking apart can help', () => {
  it('condemns a single instance without another call', async () => {
    const cloud = await cancel(ids(1), { guilty: new Map([['ins-00000000', 'OperationDenied']]) });
    expect(cloud.calls.length + cloud.reads).toBe(1);
    expect(cloud.verdicts()).toEqual(new Map([['ins-00000000', 'OperationDenied']]));
  });

  it.each(['ResourceNotFound.InvocationNotFound', 'MissingParameter', 'RequestSizeLimitExceeded'])(
    'condemns all instances at once for %s',
    async (code) => {
      const cloud = new RefusingCloud({});
      await isolate(ids(50), createFailure(code, 'no'), cloud);
      expect(cloud.calls.length + cloud.reads).toBe(0);
      expect(cloud.told('guilty')).toEqual(ids(50));
    },
  );

  it('condemns the rest at once when the invocation vanishes meanwhile', async () => {
    const all = ids(10);
    const members = new Set(all.slice(1));
    const cloud = new RefusingCloud({
      members,
      trouble: new Map([[1, 'ResourceNotFound.InvocationNotFound']]),
    });
    await isolate(all, createFailure(strangerCode, 'no'), cloud);
    expect(cloud.calls).toHaveLength(1);
    expect(cloud.verdicts().get(all[5] ?? '')).toBe('ResourceNotFound.InvocationNotFound');
    expect(cloud.told('guilty').sort()).toEqual(all);
  });
});
