import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadTracing } from '../../src/shared/tracing/tracing.js';
import { ServerScene, secrets } from '../support/server-scene.js';
import { placeOf, SpanRecorder } from './span-recorder.js';

const recorder = new SpanRecorder();
const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
/** Long enough to come in several pieces: what reads them runs outside of the request's context. */
const instanceIds = Array.from({ length: 20_000 }, (_, number) => `ins-${String(number).padStart(8, '0')}`);
const body = { targets: [{ invocationId: 'inv-00000001', instanceIds }] };

let traced: ServerScene;
let plain: ServerScene;

beforeAll(async () => {
  const tracing = await loadTracing(true);
  [traced, plain] = await Promise.all([ServerScene.start({ tracing }), ServerScene.start()]);
});

afterAll(async () => {
  await Promise.all([traced?.close(), plain?.close()]);
});

beforeEach(() => recorder.reset());

async function enqueueAt(scene: ServerScene, token: string | undefined, traceparent: string) {
  const answer = await scene.call('POST', '/v1/cancel-requests', { token, headers: { traceparent }, body });
  return answer.status;
}

describe('the server with tracing', () => {
  it('continues the trace that its caller names', async () => {
    expect(await enqueueAt(traced, secrets.enqueue, `00-${traceId}-${parentId}-01`)).toBe(202);
    expect(placeOf(recorder.named('enqueue cancel request')[0])).toMatchObject({ traceId, parentId });
    expect(
      placeOf(recorder.named('add tat-cancel.cancel')[0] ?? recorder.named('addBulk tat-cancel')[0]),
    ).toMatchObject({
      traceId,
    });
  });

  it('keeps to the decision of its caller that a trace is not recorded', async () => {
    expect(await enqueueAt(traced, secrets.enqueue, `00-${traceId}-${parentId}-00`)).toBe(202);
    expect(recorder.spans).toEqual([]);
  });

  it.each(['nonsense', `00-${'0'.repeat(32)}-${parentId}-01`, `00-${traceId}-${parentId}-01-extra`, ''])(
    'begins a trace of its own when the header cannot be used: %s',
    async (traceparent) => {
      expect(await enqueueAt(traced, secrets.enqueue, traceparent)).toBe(202);
      const [span] = recorder.named('enqueue cancel request');
      expect(placeOf(span)).toMatchObject({ parentId: undefined });
    },
  );

  it('traces nothing for strangers', async () => {
    expect(await enqueueAt(traced, undefined, `00-${traceId}-${parentId}-01`)).toBe(401);
    expect(recorder.spans).toEqual([]);
  });
});

it('the server without tracing makes no spans', async () => {
  expect(await enqueueAt(plain, secrets.enqueue, `00-${traceId}-${parentId}-01`)).toBe(202);
  expect(recorder.spans).toEqual([]);
});
