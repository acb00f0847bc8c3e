import type { Action } from './action.js';
import { cancelInvocation } from './cancel-invocation.js';
import { describeInvocationTasks } from './describe-invocation-tasks.js';
import { describeInvocations } from './describe-invocations.js';
import { describeInvokerRecords } from './describe-invoker-records.js';
import { describeInvokers } from './describe-invokers.js';
import { describeRegions } from './describe-regions.js';
import { disableInvoker } from './disable-invoker.js';
import { runCommand } from './run-command.js';

/** The version of the API that is served. */
export const apiVersion = '2020-10-28';

/** Every action that is served, by its name in X-TC-Action. */
export const actions: ReadonlyMap<string, Action> = new Map([
  ['CancelInvocation', cancelInvocation],
  ['DescribeInvocations', describeInvocations],
  ['DescribeInvocationTasks', describeInvocationTasks],
  ['DescribeInvokerRecords', describeInvokerRecords],
  ['DescribeInvokers', describeInvokers],
  ['DescribeRegions', describeRegions],
  ['DisableInvoker', disableInvoker],
  ['RunCommand', runCommand],
]);
