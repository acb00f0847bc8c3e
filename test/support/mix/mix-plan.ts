import type { CancelRequest, Priority, Target } from '../../../src/producer/index.js';
import type { Simulator } from '../../../src/simulator/index.js';
import type { RandomSource } from '../random-source.js';
import { drawFeatures, type MixFeature, sourceFor } from './mix-features.js';
import type { MixPace } from './mix-pace.js';
import { MixWorld } from './mix-world.js';

/** A request that somebody makes. All times are from the beginning, in ms. */
export interface MixAsk {
  readonly atMs: number;
  readonly request: CancelRequest;
  /** The cloud refuses part of it until somebody grants it: it may take for ever, and may be in nobody's way. */
  readonly isRefused: boolean;
  /** The same request comes again. */
  readonly againAtMs?: number;
  readonly withdrawAtMs?: number;
}

export type MixStrike = { readonly atMs: number } & (
  | { readonly kind: 'kill' }
  | { readonly kind: 'restart'; readonly forMs: number }
  | {
      readonly kind: 'outage';
      readonly how: 'refused' | 'HTTP 502' | 'InternalError';
      readonly forMs: number;
    }
  | { readonly kind: 'redrive' | 'discard'; readonly isTwice: boolean; readonly share: number }
);

/** All that a seed decides. */
export interface MixPlan {
  readonly seed: number;
  readonly features: ReadonlySet<MixFeature>;
  readonly workers: number;
  readonly asks: readonly MixAsk[];
  readonly strikes: readonly MixStrike[];
  /** What access management refuses. */
  readonly refusedInvocations: readonly string[];
  /** What every call fails for. */
  readonly cursedInvocations: readonly string[];
}

export const wrongRegion = 'ap-mistyped';

/** Draws a mix and puts its invocations into the cloud. */
export function planMix(
  seed: number,
  simulator: Simulator,
  pace: MixPace,
  without: readonly string[] = [],
): MixPlan {
  const features = drawFeatures(seed, without);
  const world = new MixWorld(seed, simulator, features, pace);
  const random = sourceFor(seed, 'requests');
  const count = random.between(3, 9);
  const asks = Array.from({ length: count }, (_, index) =>
    drawAsk(random, world, features, pace, `${seed}-${index}`),
  );
  const refused = features.has('refused') ? drawRefused(seed, world, pace) : [];
  const cursed = features.has('cursed') ? drawCursed(seed, world, pace) : [];
  return {
    seed,
    features,
    workers: random.between(1, 2),
    asks: [...asks, ...refused, ...cursed],
    strikes: drawStrikes(seed, features, pace),
    refusedInvocations: invocationsOf(refused).filter((id) => !invocationsOf(asks).includes(id)),
    cursedInvocations: invocationsOf(cursed),
  };
}

function invocationsOf(asks: readonly MixAsk[]): string[] {
  return asks.flatMap(({ request }) =>
    request.targets.filter(({ region }) => region !== wrongRegion).map(({ invocationId }) => invocationId),
  );
}

const priorities: readonly Priority[] = ['urgent', 'normal', 'low'];

function drawAsk(
  random: RandomSource,
  world: MixWorld,
  features: ReadonlySet<MixFeature>,
  { stretch }: MixPace,
  idempotencyKey: string,
): MixAsk {
  const targets = Array.from({ length: random.between(1, 4) }, () => drawTarget(random, world));
  const atMs = random.between(0, 1_500) * stretch;
  const request: CancelRequest = {
    targets,
    idempotencyKey,
    priority: random.pick(priorities),
    ...(random.chance(0.15) ? { confirm: false } : {}),
  };
  const againAtMs = random.chance(0.2) ? atMs + random.between(0, 3_000) * stretch : undefined;
  const isWithdrawn = random.chance(0.3);
  const withdrawAtMs = atMs + random.pick([0, 20, 200, 1_000, 3_000]) * stretch;
  return {
    atMs,
    request,
    isRefused: false,
    ...(againAtMs === undefined ? {} : { againAtMs }),
    ...(isWithdrawn && features.has('withdraw') ? { withdrawAtMs } : {}),
  };
}

function drawTarget(random: RandomSource, world: MixWorld): Target {
  const { region, invocationId, instanceIds } = world.any();
  const drawn = random.unit();
  const unrelated = Array.from(
    { length: random.pick([0, 0, 0, 0, 1, 3]) },
    (_, index) => `ins-unrelated${index}`,
  );
  const from = random.between(0, instanceIds.length - 1);
  const length = random.pick([1, 1, 30, 100, 101, 200]);
  if (drawn < 0.04) return { region, invocationId: `inv-unknown${random.between(10, 12)}` };
  if (drawn < 0.07) return { region: region === 'ap-tokyo' ? 'ap-singapore' : 'ap-tokyo', invocationId };
  if (drawn < 0.4) return { region, invocationId };
  return { region, invocationId, instanceIds: [...instanceIds.slice(from, from + length), ...unrelated] };
}

/** Requests of their own for invocations of their own, at once: more than one in a row, as after a wrong grant. */
function drawRefused(seed: number, world: MixWorld, { stretch }: MixPace): MixAsk[] {
  const random = sourceFor(seed, 'refused');
  const asks = Array.from({ length: random.between(1, 5) }, (_, index): MixAsk => {
    const { region, invocationId, instanceIds } = world.add(random.pick([1, 7, 120]));
    const targets = [
      random.chance(0.5) ? { region, invocationId } : { region, invocationId, instanceIds: [...instanceIds] },
    ];
    const request = { targets, idempotencyKey: `${seed}-refused-${index}` };
    return { atMs: random.between(0, 500) * stretch, request, isRefused: true };
  });
  if (!random.chance(0.5)) return asks;
  const { invocationId } = world.add(1);
  const request = { targets: [{ region: wrongRegion, invocationId }], idempotencyKey: `${seed}-mistyped` };
  return [...asks, { atMs: random.between(0, 500) * stretch, request, isRefused: true }];
}

function drawCursed(seed: number, world: MixWorld, { stretch }: MixPace): MixAsk[] {
  const random = sourceFor(seed, 'cursed');
  const { region, invocationId, instanceIds } = world.add(random.pick([1, 7, 120]));
  const isWhole = random.chance(0.5);
  const targets = [
    isWhole ? { region, invocationId } : { region, invocationId, instanceIds: [...instanceIds] },
  ];
  const request = { targets, idempotencyKey: `${seed}-cursed` };
  return [{ atMs: random.between(0, 500) * stretch, request, isRefused: false }];
}

function drawStrikes(seed: number, features: ReadonlySet<MixFeature>, { stretch }: MixPace): MixStrike[] {
  const strikes: MixStrike[] = [];
  const draw = (
    concern: MixFeature,
    most: number,
    make: (random: RandomSource, atMs: number) => MixStrike,
  ) => {
    if (!features.has(concern)) return;
    const random = sourceFor(seed, concern);
    for (let left = random.between(1, most); left > 0; left--) {
      strikes.push(make(random, random.between(100, 4_000) * stretch));
    }
  };
  draw('kill', 2, (_random, atMs) => ({ kind: 'kill', atMs }));
  draw('restart', 1, (random, atMs) => ({ kind: 'restart', atMs, forMs: random.between(50, 1_000) }));
  draw('outage', 1, (random, atMs) => ({
    kind: 'outage',
    atMs: atMs / 4,
    how: random.pick(['refused', 'refused', 'HTTP 502', 'InternalError']),
    forMs: random.between(2_000, 6_000) * stretch,
  }));
  for (const kind of ['redrive', 'discard'] as const) {
    draw(kind, 3, (random, atMs) => ({
      kind,
      atMs: atMs + 500,
      isTwice: random.chance(0.4),
      share: random.pick([0.3, 1]),
    }));
  }
  return strikes;
}
