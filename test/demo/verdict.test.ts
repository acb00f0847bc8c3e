import { describe, expect, it } from 'vitest';

interface Found {
  readonly stopped: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly deadLetters: readonly unknown[];
  readonly wantedDeadLetters: readonly string[];
  readonly machine: { isBusy(calls: number): boolean };
}

// Scripts are plain JavaScript, whose types the compiler is not asked for.
const script: string = '../../script/demo-parts/verdict.mjs';
const { judge } = (await import(script)) as {
  judge(found: Found): { readonly figure: string; readonly isRight?: boolean }[];
};

const calls = { cancels: 67, refused: 14, readBacks: 20, mostInAnySecond: 20, backlog: 62 };
const asPromised = { stopped: 5_000, deadLetters: [], wantedDeadLetters: [] };
const busy = { isBusy: () => true };
const quiet = { isBusy: () => false };

/** Figures of which the demo says that they are not what was promised. */
function findBroken(found: Partial<Found>): string[] {
  const calm = { ...calls, backlogCallsPerSecond: 19.3 };
  return judge({ ...asPromised, calls: calm, machine: quiet, ...found })
    .filter(({ isRight }) => isRight === false)
    .map(({ figure }) => figure);
}

describe('the verdict of the demo', () => {
  it('is that all is well when every figure is as promised', () => {
    expect(findBroken({})).toEqual([]);
  });

  it('counts a low rate against the workers only where they got a processor in time', () => {
    const slow = { ...calls, backlogCallsPerSecond: 16.2 };
    expect(findBroken({ calls: slow, machine: quiet })).toEqual(['cancel calls/s while work waited (62)']);
    expect(findBroken({ calls: slow, machine: busy })).toEqual([]);
  });

  it('holds the limit and the instances against them on every machine', () => {
    const fast = { ...calls, backlogCallsPerSecond: 20.5, mostInAnySecond: 21 };
    expect(findBroken({ calls: fast, machine: busy })).toEqual(['most cancel calls in any sliding second']);
    expect(findBroken({ stopped: 4_999, machine: busy })).toEqual([
      'instances stopped, as the API sees them',
    ]);
    expect(findBroken({ wantedDeadLetters: ['inv-1a2b3c4d ins-1'], machine: busy })).toHaveLength(1);
  });
});
