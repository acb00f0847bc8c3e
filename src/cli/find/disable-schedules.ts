import type { Invoker } from '../../cloud/tat-invokers.js';
import type { CliContext } from '../cli-context.js';
import { CloudCallError } from '../cli-errors.js';
import { nameOf } from './describe-findings.js';
import type { FindSettings } from './find-settings.js';
import { withCloud } from './open-cloud.js';

/**
 * Disables the schedules and tells the ids of those that it did disable. One that the cloud leaves on is told on stderr
 * and does not keep the commands from being cancelled.
 */
export async function disableSchedules(
  invokers: readonly Invoker[],
  settings: FindSettings,
  { clock, output }: CliContext,
): Promise<string[]> {
  if (invokers.length === 0) return [];
  const { region } = settings;
  const disabled: string[] = [];
  await withCloud(settings, clock, ['DisableInvoker'], async (cloud) => {
    for (const { invokerId, name } of invokers) {
      try {
        await cloud.call('DisableInvoker', region, (client, options) =>
          client.disableInvoker({ region, invokerId }, options),
        );
        disabled.push(invokerId);
        output.say(`Disabled schedule ${nameOf(invokerId, name)}.`);
      } catch (error) {
        if (!(error instanceof CloudCallError)) throw error;
        output.complain(`Schedule ${nameOf(invokerId, name)} is still on: ${error.message}`);
      }
    }
  });
  return disabled;
}
