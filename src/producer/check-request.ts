import { z } from 'zod';
import { moreProblems, mostProblems, type Problem } from '../shared/errors.js';
import { instanceIdPattern } from '../shared/id-patterns.js';
import {
  type CancelRequest,
  cancelRequestSchema,
  describeIssues,
  formatPath,
  type Target,
  targetSchema,
} from '../shared/schemas.js';
import type { Steps } from './in-steps.js';

// The lists of a request are walked through here: a schema would make a report for each of a hundred thousand wrong
// entries before anybody could say that a hundred are enough, and that takes all the memory of a small server.
const unknownList = z.custom<unknown[]>(Array.isArray, 'must be a list');
const requestOutline = cancelRequestSchema.extend({ targets: unknownList });
const targetOutline = targetSchema.extend({ instanceIds: unknownList.optional() });

/** Between two turns of others. */
const targetsPerStep = 500;

export type CheckedRequest =
  | { readonly request: CancelRequest; readonly problems?: never }
  | { readonly problems: readonly Problem[] };

/** Holds a request against its schema, with the regions that only the whole can tell to be missing. */
export function* checkRequest(input: unknown, defaultRegion: string | undefined): Steps<CheckedRequest> {
  const problems = new ProblemList();
  const outline = requestOutline.safeParse(input);
  if (!outline.success) problems.add(describeIssues(outline.error));
  const { targets: listed, region = defaultRegion } = fieldsOf(input);
  const targets: Target[] = [];
  if (Array.isArray(listed)) {
    if (listed.length === 0) problems.add([{ path: 'targets', message: 'must name at least one target' }]);
    for (const [index, each] of listed.entries()) {
      if (index % targetsPerStep === 0) yield;
      const target = checkTarget(each, ['targets', index], problems);
      if (target !== undefined) targets.push(target);
      if (region === undefined && fieldsOf(each).region === undefined) {
        const message = 'is missing, and there is no default region';
        problems.add([{ path: formatPath(['targets', index, 'region']), message }]);
      }
      if (problems.isFull) break;
    }
  }
  if (!outline.success || problems.found.length > 0) return { problems: problems.found };
  return { request: { ...outline.data, targets } };
}

function checkTarget(
  input: unknown,
  path: readonly PropertyKey[],
  problems: ProblemList,
): Target | undefined {
  const outline = targetOutline.safeParse(input);
  if (!outline.success) problems.add(describeIssues(outline.error, path));
  const { instanceIds } = fieldsOf(input);
  if (Array.isArray(instanceIds)) checkInstanceIds(instanceIds, [...path, 'instanceIds'], problems);
  if (!outline.success) return undefined;
  // A copy: the caller may change theirs while others have their turn.
  const { instanceIds: _theirs, ...target } = outline.data as Target;
  return Array.isArray(instanceIds) ? { ...target, instanceIds: [...(instanceIds as string[])] } : target;
}

function checkInstanceIds(
  ids: readonly unknown[],
  path: readonly PropertyKey[],
  problems: ProblemList,
): void {
  if (ids.length === 0) {
    const message = 'must not be empty: leave instanceIds out to cancel the whole invocation';
    problems.add([{ path: formatPath(path), message }]);
  }
  for (const [index, id] of ids.entries()) {
    if (typeof id === 'string' && instanceIdPattern.pattern.test(id)) continue;
    problems.add([{ path: formatPath([...path, index]), message: instanceIdPattern.complaint }]);
    if (problems.isFull) return;
  }
}

/** Takes up to a hundred, and one that says that there are more. */
class ProblemList {
  readonly found: Problem[] = [];

  get isFull(): boolean {
    return this.found.length > mostProblems;
  }

  add(problems: readonly Problem[]): void {
    for (const problem of problems) {
      if (this.isFull) return;
      this.found.push(this.found.length < mostProblems ? problem : moreProblems);
    }
  }
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
