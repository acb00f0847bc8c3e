// The process behind WorkerProcess: runs a worker until SIGTERM. Its input comes as JSON in argv[2].
import { createTestWorker } from './test-worker.js';
import type { WorkerProcessInput } from './worker-process.js';

const { place, changes } = JSON.parse(process.argv[2] ?? '') as WorkerProcessInput;
const worker = createTestWorker(place, { workerName: `test-worker-${process.pid}`, ...changes });

process.on('SIGTERM', () => {
  void worker.close(10_000).then(() => process.disconnect?.()); // nothing else may keep the process alive now
});
process.on('disconnect', () => process.exit()); // whoever started it is gone

worker.start();
process.send?.('started');
