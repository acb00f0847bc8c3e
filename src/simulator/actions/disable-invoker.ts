import { z } from 'zod';
import { refusals } from '../refusal.js';
import type { Action } from './action.js';
import { invokerIdSchema } from './parameter-schemas.js';
import { readParameters } from './read-parameters.js';

const schema = z.strictObject({ InvokerId: invokerIdSchema });

/** Keeps an invoker from starting its command again. What it started goes on. Doing it twice is no error. */
export const disableInvoker: Action = {
  needsRegion: true,
  run({ region, parameters }, { world, nowMs }) {
    const read = readParameters(schema, parameters);
    if ('refusal' in read) return read;
    const invoker = world.invokers.find(region, read.value.InvokerId);
    if (invoker === undefined) return { refusal: refusals.invokerNotFound(read.value.InvokerId) };
    invoker.disable(nowMs);
    return { fields: {} };
  },
};
