// A process that acquires permits and reports each use, for tests and benches of the rate limiter. Runs the built code.
// Options come as JSON in argv[2]; see LimiterWorkerOptions in limiter-fleet.ts.
import { createSocket } from 'node:dgram';
import { createRateLimiter } from '../../dist/shared/rate-limiter/index.js';

const options = JSON.parse(process.argv[2]);

const realNow = Date.now;
Date.now = () => realNow() + options.clockSkewMs;

const say = (message) => process.connected && process.send(message);
const log = (level) => (fields, message) =>
  say({ kind: 'log', level, message, error: fields.err?.message, fields: JSON.stringify(fields) });
for (const event of ['unhandledRejection', 'uncaughtException']) {
  process.on(event, (error) => say({ kind: 'unhandled', message: String(error?.stack ?? error) }));
}

const limiter = createRateLimiter({
  redis: options.redisUrl,
  keyPrefix: options.keyPrefix,
  bucket: 'CancelInvocation',
  callsPerSecond: options.callsPerSecond,
  logger: { info: log('info'), warn: log('warn') },
});
const cloud = createSocket('udp4').unref();
const closing = new AbortController();

// The cloud answers a call that it refuses with the letter r, a little later than a real network would.
cloud.on('message', (answer) => {
  if (answer.toString() === 'r') void limiter.reportThrottled();
});

const block = (forMs) => {
  const until = performance.now() + forMs;
  while (performance.now() < until);
};
if (options.busyMs > 0) setInterval(() => block(options.busyMs), options.busyMs + 5).unref();

const pause = (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs));

let calls = 0;

async function callForEver() {
  while (!closing.signal.aborted) {
    let permit;
    try {
      permit = await limiter.acquire({ signal: closing.signal, isFull: options.isFull });
    } catch (error) {
      if (closing.signal.aborted) return;
      throw error;
    }
    if (options.workMs > 0) await pause(options.workMs);
    if (!permit.mayLeave()) continue;
    calls++;
    if (options.coldMs > 0 && calls % 7 === 0) await pause(options.coldMs); // for a new connection, say
    cloud.send(`${process.hrtime.bigint()}`, options.cloudPort, '127.0.0.1');
    permit.noteSent();
  }
}

process.on('disconnect', () => {
  if (!closing.signal.aborted) process.exit(1); // whoever watched is gone
});

process.on('message', (request) => {
  if (request.kind === 'block') {
    block(request.forMs);
  } else if (request.kind === 'stats') {
    say({ kind: 'stats', stats: limiter.stats() });
  } else if (request.kind === 'close') {
    const startedAt = performance.now();
    closing.abort();
    void limiter.close().then(() => {
      say({ kind: 'closed', tookMs: performance.now() - startedAt });
      cloud.close();
      process.disconnect(); // nothing else may keep the process alive now
    });
  }
});

for (let waiter = 0; waiter < options.waiters; waiter++) void callForEver();
say({ kind: 'started' });
