import type { CallResult, TatClient } from '../../cloud/tat-client.js';
import { knownCode } from '../../shared/metrics/known-code.js';
import { missedPermit } from '../send-in-time.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** The same client, with every call counted and timed. */
export function observeClient(client: TatClient, metrics: WorkerMetrics): TatClient {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const method = value.bind(target);
      if (name === 'close') return method;
      return (...args: unknown[]) => timed(actionOf(String(name)), args, method, metrics);
    },
  });
}

async function timed(
  action: string,
  args: readonly unknown[],
  method: (...args: readonly unknown[]) => Promise<CallResult<unknown>>,
  metrics: WorkerMetrics,
): Promise<CallResult<unknown>> {
  const end = metrics.callSeconds.startTimer({ action });
  const result = await method(...args);
  if (missedPermit(result)) return result; // nothing was sent
  end();
  metrics.calls.inc({ action, code: result.ok ? 'ok' : knownCode(result.failure.code) });
  const { instanceIds } = (args[0] ?? {}) as { instanceIds?: readonly string[] };
  if (action === 'CancelInvocation' && instanceIds !== undefined) {
    metrics.idsPerCall.observe(instanceIds.length);
  }
  return result;
}

/** cancelInvocation → CancelInvocation: as the cloud calls it. */
function actionOf(method: string): string {
  return method.charAt(0).toUpperCase() + method.slice(1);
}
