import type { Clock } from '../../src/shared/clock.js';

/** A clock that stands still until it is moved. Nobody may sleep by it. */
export class HandClock implements Clock {
  constructor(public nowMs = 1_767_225_600_000) {}

  now(): number {
    return this.nowMs;
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('this clock is moved by hand'));
  }
}
