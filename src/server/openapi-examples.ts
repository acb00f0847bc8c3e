/** Bodies as callers send them, by operation. A test sends each. */
export const requestExamples: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  enqueueRequest: {
    instances: {
      summary: 'Some instances of an invocation',
      value: {
        region: 'ap-singapore',
        targets: [{ invocationId: 'inv-1a2b3c4d', instanceIds: ['ins-9c0d1e2f', 'ins-3a4b5c6d'] }],
        reason: 'bad rollout',
      },
    },
    whole: {
      summary: 'A whole invocation, ahead of everything else',
      value: { targets: [{ invocationId: 'inv-1a2b3c4d', region: 'ap-singapore' }], priority: 'urgent' },
    },
  },
  redriveDeadLetters: {
    byCode: {
      summary: 'All letters of one code, older than an hour',
      value: { filter: { code: 'NotConfirmed', olderThanSeconds: 3600 } },
    },
  },
  discardDeadLetters: {
    byRequest: {
      summary: 'All letters of one request',
      value: { filter: { requestId: 'req-m3x8k2p1f00dfeed' }, reason: 'the machines are gone' },
    },
  },
  pauseQueue: { withReason: { summary: 'For people who look', value: { reason: 'change freeze' } } },
};
