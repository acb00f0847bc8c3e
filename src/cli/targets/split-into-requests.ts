import { createHash } from 'node:crypto';
import type { CancelRequest, Target } from '../../shared/schemas.js';

/** Everything of a request but its targets and key. */
export type RequestFacts = Omit<CancelRequest, 'targets' | 'idempotencyKey' | 'region'>;

export interface RequestPart {
  /** From 1. */
  readonly number: number;
  readonly request: CancelRequest;
}

/**
 * Packs targets into requests of at most `mostInstances`, one after the other, so that only one is in memory beside
 * the targets. An invocation stays in one request unless it alone is too large.
 *
 * Requests of several parts get idempotency keys, so that the same command run again goes on where it was cut off:
 * made from `key` (the first part has `key` itself, the others `key#2`, …), or without one from the part's content.
 * They share a label: the one given, the key, or one made from the first part. A single request keeps `key` and label
 * as they are.
 */
export function* splitIntoRequests(
  targets: Iterable<Target>,
  { facts, key, mostInstances }: { facts: RequestFacts; key: string | undefined; mostInstances: number },
): Generator<RequestPart> {
  let label = facts.label;
  let held: Target[] | undefined;
  let number = 0;
  const toPart = (part: Target[]): RequestPart => {
    number += 1;
    label ??= key ?? `file-${hashOf(part).slice(0, 16)}`;
    const partFacts = { ...facts, label };
    const partKey =
      key === undefined ? `file-${hashOf([partFacts, part])}` : number === 1 ? key : `${key}#${number}`;
    return { number, request: { ...partFacts, targets: part, idempotencyKey: partKey } };
  };
  // A part is held back until it is known whether it is the only one.
  for (const part of packTargets(targets, mostInstances)) {
    if (held !== undefined) yield toPart(held);
    held = part;
  }
  if (held === undefined) return;
  if (number > 0) yield toPart(held);
  else
    yield {
      number: 1,
      request: { ...facts, targets: held, ...(key === undefined ? {} : { idempotencyKey: key }) },
    };
}

function* packTargets(targets: Iterable<Target>, mostInstances: number): Generator<Target[]> {
  let part: Target[] = [];
  let size = 0;
  for (const target of targets) {
    for (const slice of sliceTarget(target, mostInstances)) {
      const instances = slice.instanceIds?.length ?? 1;
      if (size + instances > mostInstances) {
        yield part;
        part = [];
        size = 0;
      }
      part.push(slice);
      size += instances;
    }
  }
  if (part.length > 0) yield part;
}

function* sliceTarget(target: Target, mostInstances: number): Generator<Target> {
  const ids = target.instanceIds;
  if (ids === undefined || ids.length <= mostInstances) {
    yield target;
    return;
  }
  for (let from = 0; from < ids.length; from += mostInstances) {
    yield { ...target, instanceIds: ids.slice(from, from + mostInstances) };
  }
}

function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 40);
}
