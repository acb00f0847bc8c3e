import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';

const writeEveryMs = 250;

/** A call is due every 50 ms. With less than these, two workers reach the full rate; with twice as much often not. */
const longWaitMsPerCall = 12;
const slowDiskMs = 20;

/**
 * What the machine has for the demo while it runs: how long the processes that make and answer calls wait for a
 * processor, and a write for the disk. Calls are late by as much, so their rate is then that of the machine.
 */
export class MachineWatch {
  #writes = [];
  #isOver = false;
  #pids;
  #waitedBefore;
  #loop;

  /**
   * @param directory on the disk that Redis writes to
   * @param pids of Redis, the simulator and the workers
   */
  start(directory, pids) {
    this.#pids = pids;
    this.#waitedBefore = this.#readWaitedMs();
    this.#loop = this.#watchDisk(directory);
  }

  /** @returns `describe(calls)` and `isBusy(calls)`, with the number of calls that were made meanwhile */
  async stop() {
    this.#isOver = true;
    await this.#loop;
    return new Machine(this.#readWaitedMs() - this.#waitedBefore, this.#writes);
  }

  /** Of all together. Not a number where the system does not say it. */
  #readWaitedMs() {
    const waits = this.#pids.map(readWaitedMs);
    return waits.reduce((sum, wait) => sum + wait, 0);
  }

  async #watchDisk(directory) {
    const file = await open(join(directory, 'write-probe'), 'w');
    while (!this.#isOver) {
      const from = performance.now();
      await file.write('x');
      await file.datasync();
      this.#writes.push(performance.now() - from);
      await new Promise((resolve) => setTimeout(resolve, writeEveryMs));
    }
    await file.close();
  }
}

class Machine {
  #load = loadavg()[0];
  #processors = availableParallelism();

  constructor(waitedMs, writes) {
    this.waitedMs = waitedMs;
    this.writeMs = writes.reduce((sum, write) => sum + write, 0) / writes.length;
    this.longestWriteMs = Math.max(...writes);
  }

  /** Whether it kept calls from being made in time. */
  isBusy(calls) {
    if (this.writeMs > slowDiskMs) return true;
    const waitMs = this.waitedMs / calls;
    return Number.isNaN(waitMs) ? this.#load > this.#processors : waitMs > longWaitMsPerCall;
  }

  describe(calls) {
    const waitMs = this.waitedMs / calls;
    const wait = Number.isNaN(waitMs)
      ? ''
      : `\n  for each call the demo's processes waited ${waitMs.toFixed(1)} ms for a processor (busy: above ${longWaitMsPerCall} ms)`;
    return `The machine meanwhile: a load of ${this.#load.toFixed(1)} on ${this.#processors} processors;${wait}
  a write took ${this.writeMs.toFixed(1)} ms to reach the disk (slow: above ${slowDiskMs} ms), at most ${this.longestWriteMs.toFixed(0)} ms`;
  }
}

/** Linux says how long a process was ready to run and had to wait. */
function readWaitedMs(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return Number.NaN; // another system
  }
}
