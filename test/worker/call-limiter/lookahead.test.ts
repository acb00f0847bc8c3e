import { describe, expect, it } from 'vitest';
import { Lookahead } from '../../../src/worker/call-limiter/lookahead.js';

const ticket = {
  granted: true,
  dueAt: 0,
  dueAtByWall: 0,
  spacingMs: 52,
  graceMs: 0,
  othersSpacingMs: 52,
  postponedMs: 0,
  idleMs: 0,
  aheadMs: 100,
  epoch: 0,
};

describe('Lookahead', () => {
  it('reserves one slot at a time as long as the schedule never stands still', () => {
    const lookahead = new Lookahead();
    for (let count = 0; count < 100; count++) lookahead.note(ticket, 1, 0);
    expect(lookahead.lanes).toBe(1);
  });

  it('reserves more ahead each time the schedule stood still, up to a bound', () => {
    const lookahead = new Lookahead();
    lookahead.note({ ...ticket, idleMs: 30 }, 60, 0);
    expect(lookahead.lanes).toBe(2);
    for (let count = 0; count < 100; count++) lookahead.note({ ...ticket, idleMs: 30 }, 60, 0);
    expect(lookahead.lanes).toBe(16);
  });

  it('reserves fewer again when slots lie further ahead than the way to Redis takes', () => {
    const lookahead = new Lookahead();
    for (let count = 0; count < 10; count++) lookahead.note({ ...ticket, idleMs: 30 }, 60, 0);
    for (let count = 0; count < 100; count++) lookahead.note({ ...ticket, aheadMs: 800 }, 60, 0);
    expect(lookahead.lanes).toBe(1);
  });
});
