import { describe, expect, it } from 'vitest';
import { CallBucket } from '../../../src/simulator/gateway/call-bucket.js';
import { CallBuckets } from '../../../src/simulator/gateway/call-buckets.js';

const drawMany = (bucket: CallBucket, moments: number[]) => moments.map((atMs) => bucket.draw(atMs).admitted);

describe('a bucket', () => {
  it('lets the first calls of every second pass and refuses the rest', () => {
    const bucket = new CallBucket(2);
    expect(drawMany(bucket, [5_000, 5_500, 5_999, 6_000, 6_001, 6_002])).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });

  it('counts refused calls too', () => {
    const bucket = new CallBucket(1);
    drawMany(bucket, [0, 1]);
    expect(bucket.draw(2)).toEqual({ admitted: false, calls: 3, limit: 1 });
  });

  it('has no limit when the limit is 0', () => {
    expect(drawMany(new CallBucket(0), new Array(100).fill(7))).not.toContain(false);
  });

  it('is also drawn on by foreign clients, at their pace and in their turn', () => {
    const bucket = new CallBucket(10);
    const client = bucket.addForeignClient(5, 1_000);
    expect(bucket.draw(1_999)).toMatchObject({ calls: 5 }); // after the foreign calls of 1200, 1400, 1600 and 1800
    expect(client.outcome(2_000)).toEqual({ admitted: 5, refused: 0 });
    expect(drawMany(bucket, new Array(10).fill(2_100))).toEqual([...new Array(9).fill(true), false]);
    expect(client.outcome(3_000)).toEqual({ admitted: 6, refused: 4 });
  });

  it('is left alone by a foreign client that stopped', () => {
    const bucket = new CallBucket(10);
    const client = bucket.addForeignClient(100, 0);
    client.stop(50);
    client.stop(60);
    expect(client.outcome(9_000)).toEqual({ admitted: 5, refused: 0 });
    expect(bucket.draw(9_000).calls).toBe(1);
  });
});

describe('buckets', () => {
  it('are shared by the keys of one sub-account, and by nobody else', () => {
    const buckets = new CallBuckets(1);
    expect(buckets.of('CancelInvocation', '1')).toBe(buckets.of('CancelInvocation', '1'));
    expect(buckets.of('CancelInvocation', '1')).not.toBe(buckets.of('CancelInvocation', '2'));
    expect(buckets.of('CancelInvocation', '1')).not.toBe(buckets.of('DescribeInvocations', '1'));
  });

  it('take new limits at run time, and the documented one where none is given', () => {
    const buckets = new CallBuckets({ CancelInvocation: 5 });
    const cancels = buckets.of('CancelInvocation', '1');
    expect([cancels.limit, buckets.of('DescribeInvocations', '1').limit]).toEqual([5, 20]);
    buckets.setLimits(3);
    expect([cancels.limit, buckets.of('DescribeRegions', '1').limit]).toEqual([3, 3]);
  });
});
