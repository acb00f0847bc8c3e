import { z } from 'zod';
import type { Action } from './action.js';
import { readParameters } from './read-parameters.js';

const schema = z.strictObject({});

/** Lists the regions. The only action that works without naming one. */
export const describeRegions: Action = {
  needsRegion: false,
  run({ parameters }, { settings }) {
    const read = readParameters(schema, parameters);
    if ('refusal' in read) return read;
    const RegionSet = settings.regions.map((region) => ({
      Region: region,
      RegionName: region,
      RegionState: 'AVAILABLE',
    }));
    return { fields: { TotalCount: RegionSet.length, RegionSet } };
  },
};
