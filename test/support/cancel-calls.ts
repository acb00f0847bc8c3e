import type { RecordedCall } from '../../src/simulator/record/recorded-call.js';
import type { Installation } from './installation.js';

interface Batch {
  /** One request for each. */
  readonly invocations: number;
  readonly instances?: number;
  /** Where they run. */
  readonly region?: string;
  /** The region that the request names, right or wrong. */
  readonly asRegion?: string;
  readonly confirm?: boolean;
}

export interface AskedFor {
  readonly requestId: string;
  readonly invocationId: string;
}

/** Asks for all instances of some new invocations, one request each, in this order. */
export async function askFor({ simulator, producer }: Installation, batch: Batch): Promise<AskedFor[]> {
  const { invocations, instances = 2, region, asRegion = region, confirm = false } = batch;
  const spec = { instances, ...(region === undefined ? {} : { region }) };
  const asked: AskedFor[] = [];
  for (const { invocationId, instanceIds } of simulator.addInvocations(invocations, spec)) {
    const target = {
      invocationId,
      instanceIds: [...instanceIds],
      ...(asRegion === undefined ? {} : { region: asRegion }),
    };
    const { requestId } = await producer.enqueue({ targets: [target], confirm });
    asked.push({ requestId, invocationId });
  }
  return asked;
}

/** The calls of an action that arrived after a moment of `performance.now()`. */
export function callsSince({ simulator }: Installation, action: string, sinceMs: number): RecordedCall[] {
  return simulator.record.calls(action).filter(({ atMs }) => atMs >= sinceMs);
}

/** The times between one call and the next. */
export function gapsMs(calls: readonly RecordedCall[]): number[] {
  return calls.slice(1).map((call, index) => call.atMs - (calls[index]?.atMs ?? 0));
}
