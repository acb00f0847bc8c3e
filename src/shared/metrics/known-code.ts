import { failureTable } from '../failure-table.js';

const known = new Set(failureTable.map(({ code }) => code));

/** A code that may be the label of a metric: whatever the cloud invents, there is no end of series. */
export function knownCode(code: string): string {
  for (let name = code; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    if (known.has(name)) return name;
  }
  return 'other';
}
