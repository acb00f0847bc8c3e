import type { RecordedCall, Simulator } from '../../../src/simulator/index.js';
import { mostWithin, starvedMs } from '../calls-in-a-window.js';
import type { EventLoopLag } from '../event-loop-lag.js';
import type { MixRequest } from './mix-witness.js';

/** Calls that leave later than this may be one more than the limit allows; docs/limiter.md says why. */
const mostLateMs = 250;

/** What is wrong with the calls that arrived: too many in a second, of an odd shape, or for what nobody asked for. */
export function judgeCalls(
  simulator: Simulator,
  requests: readonly MixRequest[],
  callsPerSecond: number,
  lag: EventLoopLag,
): string[] {
  const { record } = simulator;
  const allowed = callsPerSecond + (lag.longestMs > mostLateMs ? 1 : 0);
  const faults = record.actions().flatMap((action) => {
    const most = mostWithin(1_000 - starvedMs, record.calls(action), lag);
    return most > allowed ? [`${most} ${action} calls within one second, ${allowed} are allowed`] : [];
  });
  const asked = new Set<string>();
  for (const { ask } of requests) {
    for (const { region, invocationId, instanceIds } of ask.request.targets) {
      const members = simulator.world.find(region ?? '', invocationId)?.facts.instanceIds ?? [];
      if (instanceIds === undefined) asked.add(`${region} ${invocationId} *`);
      for (const id of instanceIds ?? members) asked.add(`${region} ${invocationId} ${id}`);
    }
  }
  for (const call of record.calls('CancelInvocation')) faults.push(...judgeCall(simulator, asked, call));
  return faults;
}

function judgeCall(
  { world }: Simulator,
  asked: ReadonlySet<string>,
  { number, region, invocationId = '', instanceIds }: RecordedCall,
): string[] {
  const place = `${region} ${invocationId}`;
  if (instanceIds === undefined) {
    // A whole invocation may also be what lists of all of its instances come to.
    const members = world.find(region, invocationId)?.facts.instanceIds ?? ['*'];
    const isAsked = asked.has(`${place} *`) || members.every((id) => asked.has(`${place} ${id}`));
    return isAsked ? [] : [`call ${number} stops all of ${place}, which nobody asked for`];
  }
  const strange = instanceIds.filter((id) => !asked.has(`${place} ${id}`));
  if (strange.length > 0) return [`call ${number} carries ${strange.join(' ')}, which nobody asked for`];
  const isOdd =
    instanceIds.length === 0 || instanceIds.length > 100 || new Set(instanceIds).size < instanceIds.length;
  return isOdd ? [`call ${number} carries ${instanceIds.length} ids`] : [];
}
