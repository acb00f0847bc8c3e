import { EnqueueError } from './errors.js';

/** Redis has done what it was told, and found something else in its keys than this program has put there. */
const replies = /^(?:WRONGTYPE|ERR (?:user_script|Error running script|value is not|hash value is not))/;

/** Whether something was changed by hand in Redis, so that trying again helps as little as waiting. */
export function isDamagedData(error: unknown): boolean {
  if (error instanceof EnqueueError) return error.code === 'DATA_DAMAGED';
  return error instanceof Error && replies.test(error.message);
}
