import fc from 'fast-check';
import type { CancelRequest, Target } from '../../src/shared/schemas.js';
import type { FaultRule, Simulator } from '../../src/simulator/index.js';

export interface ScenarioRequest {
  readonly request: CancelRequest;
  /** `region invocation instance` of what the cloud can carry out, `region invocation` for a whole invocation. */
  readonly doable: ReadonlySet<string>;
  /** The same of instances that are none of the invocation's. */
  readonly strange: ReadonlySet<string>;
}

export interface Scenario {
  readonly faults: readonly FaultRule[];
  /** One of the workers ends abruptly after so many calls. */
  readonly leavesAfter: number | undefined;
  readonly requests: readonly ScenarioRequest[];
}

const regions = ['ap-singapore', 'ap-tokyo'];

/** What cannot keep a request from being carried out in the end. */
const faults = fc.uniqueArray(
  fc.record({
    action: fc.constantFrom('CancelInvocation', 'DescribeInvocations'),
    effect: fc.constantFrom<Omit<FaultRule, 'action'>>(
      { code: 'InternalError' },
      { code: 'InternalError', executes: true },
      { code: 'RequestLimitExceeded' },
      { code: 'BrandNew.Trouble' },
      { http: 503 },
      { answer: 'reset' },
      { answer: 'empty-body', executes: true },
      { delayMs: 60 },
    ),
    share: fc.constantFrom(0.05, 0.1, 0.2),
  }),
  { maxLength: 3, selector: ({ effect }) => JSON.stringify(effect) },
);

const invocations = fc.array(
  fc.record({ region: fc.constantFrom(...regions), instances: fc.constantFrom(1, 2, 7, 60, 130, 200) }),
  { minLength: 1, maxLength: 4 },
);

const requests = fc.array(
  fc.record({
    targets: fc.array(
      fc.record({
        invocation: fc.nat(),
        isWhole: fc.boolean(),
        from: fc.nat({ max: 199 }),
        count: fc.integer({ min: 1, max: 150 }),
        strangers: fc.constantFrom(0, 0, 0, 1, 3),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    priority: fc.constantFrom('urgent' as const, 'normal' as const, 'low' as const),
  }),
  { minLength: 1, maxLength: 10 },
);

/** Draws a scenario; it becomes one when the invocations exist in the simulator. */
export const scenarios = fc
  .record({ faults, invocations, requests, leavesAfter: fc.option(fc.integer({ min: 1, max: 5 })) })
  .map((drawn) => (simulator: Simulator): Scenario => {
    const known = drawn.invocations.map((spec) => simulator.addInvocation(spec));
    return {
      faults: drawn.faults.map(({ action, effect, share }) => ({ action, share, ...effect })),
      leavesAfter: drawn.leavesAfter ?? undefined,
      requests: drawn.requests.map(({ targets, priority }) => {
        const whole = new Set<string>();
        const doable = new Set<string>();
        const strange = new Set<string>();
        const asked = targets.map(({ invocation, isWhole, from, count, strangers }): Target => {
          const facts = known[invocation % known.length];
          if (facts === undefined) throw new Error('a scenario has invocations');
          const { region, invocationId, instanceIds } = facts;
          const place = `${region} ${invocationId}`;
          if (isWhole) {
            whole.add(place);
            return { region, invocationId };
          }
          const first = from % instanceIds.length;
          const members = instanceIds.slice(first, first + count);
          const others = Array.from({ length: strangers }, (_, index) => `ins-stranger${index}`);
          for (const id of members) doable.add(`${place} ${id}`);
          for (const id of others) strange.add(`${place} ${id}`);
          return { region, invocationId, instanceIds: [...others, ...members] };
        });
        const isCovered = (what: string) => [...whole].some((place) => what.startsWith(`${place} `));
        return {
          request: { targets: asked, priority, confirm: false },
          doable: new Set([...whole, ...[...doable].filter((what) => !isCovered(what))]),
          strange: new Set([...strange].filter((what) => !isCovered(what))),
        };
      }),
    };
  });
