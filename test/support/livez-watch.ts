import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Asks a server all the time whether it is alive, from a thread of its own, which a busy test does not hold up. */
export class LivezWatch {
  readonly #worker: Worker;

  constructor(url: string) {
    this.#worker = new Worker(asking, { eval: true, workerData: `${url}/livez` });
  }

  /** The longest time that an answer took, in ms, and how many there were; `failures` are questions without one. */
  async stop(): Promise<{ worstMs: number; answers: number; failures: string[] }> {
    const told = once(this.#worker, 'message');
    this.#worker.postMessage('stop');
    const [figures] = await told;
    await this.#worker.terminate();
    return figures;
  }
}

const asking = `
const { parentPort, workerData: url } = require('node:worker_threads');
const http = require('node:http');
const figures = { worstMs: 0, answers: 0, failures: [] };
let isOver = false;
parentPort.on('message', () => { isOver = true; });
function ask() {
  if (isOver) return parentPort.postMessage(figures);
  const startedAt = performance.now();
  const done = () => {
    figures.worstMs = Math.max(figures.worstMs, performance.now() - startedAt);
    setTimeout(ask, 5);
  };
  http.get(url, { agent: false }, (answer) => {
    figures.answers += 1;
    if (answer.statusCode !== 200) figures.failures.push('HTTP ' + answer.statusCode);
    answer.resume().on('end', done);
  }).on('error', (error) => { figures.failures.push(error.message); done(); });
}
ask();
`;
