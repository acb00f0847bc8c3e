import { describe, expect, it } from 'vitest';
import { LargeBodies } from '../../../src/server/body/large-bodies.js';

/** Enters and tells how many are inside by then. */
function doorOf(bodies: LargeBodies) {
  const inside: string[] = [];
  const enter = async (caller: string) => {
    const leave = await bodies.enter(caller);
    inside.push(caller);
    return () => {
      inside.splice(inside.indexOf(caller), 1);
      leave();
    };
  };
  return { inside, enter };
}

describe('large bodies', () => {
  it('are dealt with four at a time, two of one caller', async () => {
    const { inside, enter } = doorOf(new LargeBodies());
    const entries = ['ann', 'ann', 'ann', 'bob', 'bob', 'cho'].map(enter);
    await Promise.all([0, 1, 3, 4].map((index) => entries[index]));
    expect(inside).toEqual(['ann', 'ann', 'bob', 'bob']);
    (await entries[3])?.();
    await entries[5];
    expect(inside).toEqual(['ann', 'ann', 'bob', 'cho']); // the third of ann has waited longer, but she has two
    (await entries[0])?.();
    await entries[2];
    expect(inside).toEqual(['ann', 'bob', 'cho', 'ann']);
  });

  it('are told to come back when there is no place in time', async () => {
    const bodies = new LargeBodies(20);
    const leave = await bodies.enter('ann');
    await bodies.enter('ann');
    await expect(bodies.enter('ann')).rejects.toMatchObject({ code: 'BUSY', status: 503 });
    leave();
    leave(); // a second time frees no second place
    await bodies.enter('ann');
    await expect(bodies.enter('ann')).rejects.toMatchObject({ code: 'BUSY' });
  });
});
