import { instanceIdSchema, invocationIdSchema } from '../../shared/schemas.js';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { keepHeapSmall } from '../targets/keep-heap-small.js';
import { readTargetsFile } from '../targets/read-targets-file.js';
import { TargetCollection } from '../targets/target-collection.js';
import { quoteText } from '../text-format.js';

export interface ChosenTargets {
  readonly invocationId: string | undefined;
  readonly instanceIds: readonly string[];
  readonly file: string | undefined;
}

/**
 * The targets that the command line names, by ids or in a file.
 * @throws {UsageError} with everything that is wrong with them
 */
export async function chooseTargets(
  { invocationId, instanceIds, file }: ChosenTargets,
  defaultRegion: string | undefined,
  { stdin, output }: CliContext,
): Promise<TargetCollection> {
  if (file === undefined) return targetsFromIds(invocationId, instanceIds, defaultRegion);
  if (invocationId !== undefined) {
    throw new UsageError('Name targets either as arguments or with --file, not both.');
  }
  if (file === '-' && stdin.isTTY) output.say('Reading targets from the terminal; Ctrl-D ends them.');
  keepHeapSmall();
  const { targets } = await readTargetsFile(file, { stdin, defaultRegion });
  return targets;
}

function targetsFromIds(
  invocationId: string | undefined,
  instanceIds: readonly string[],
  region: string | undefined,
): TargetCollection {
  if (invocationId === undefined) {
    throw new UsageError('Name an invocation to cancel, or a file of targets with --file (see --help).');
  }
  const problems = [
    ...problemsOf(invocationIdSchema, [invocationId]),
    ...problemsOf(instanceIdSchema, instanceIds),
    ...(region === undefined ? ['There is no region: give --region or set TENCENTCLOUD_REGION.'] : []),
  ];
  if (region === undefined || problems.length > 0) throw new UsageError(problems.join('\n'));
  const targets = new TargetCollection();
  targets.add(region, invocationId, instanceIds.length === 0 ? undefined : instanceIds);
  return targets;
}

function problemsOf(schema: typeof instanceIdSchema, ids: readonly string[]): string[] {
  return ids.flatMap((id) => {
    const parsed = schema.safeParse(id);
    return parsed.success ? [] : [`${quoteText(id)} ${parsed.error.issues[0]?.message}`];
  });
}
