import { PrivateRedis } from './private-redis.js';

// Starts a server, tells its port, and waits to be killed.
const { port } = await PrivateRedis.start();
process.stdout.write(`${port}\n`);
process.stdin.resume();
