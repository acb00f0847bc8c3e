import type { CallSecond } from '../../shared/call-history.js';

/** One value for each second of the span, oldest first; seconds nobody knows of count as 0. */
export function valuesOf(
  seconds: readonly CallSecond[],
  pick: (second: CallSecond) => number,
  span: number,
): { readonly first: number; readonly values: number[] } {
  const newest = seconds.at(-1)?.second ?? 0;
  const first = newest - span + 1;
  const values = new Array<number>(span).fill(0);
  for (const each of seconds) {
    const index = each.second - first;
    if (index >= 0 && index < span) values[index] = pick(each);
  }
  return { first, values };
}

/** A line in steps, one unit wide for each value, in a field of the given height with 0 at the bottom. */
export function stepPath(values: readonly number[], top: number, height: number): string {
  let path = '';
  let before: number | undefined;
  for (const [index, value] of values.entries()) {
    const y = round(height - (Math.min(value, top) / top) * height);
    if (y === before) continue;
    path += before === undefined ? `M${index} ${y}` : `H${index}V${y}`;
    before = y;
  }
  return before === undefined ? '' : `${path}H${values.length}`;
}

/** The same, closed along the bottom. */
export function areaPath(values: readonly number[], top: number, height: number): string {
  const line = stepPath(values, top, height);
  return line === '' ? '' : `${line}V${height}H0Z`;
}

/** A round number at or above the largest value, so that the scale does not jump with every second. */
export function scaleTop(largest: number): number {
  if (largest <= 5) return 5;
  const magnitude = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((each) => each * magnitude >= largest) ?? 10;
  return step * magnitude;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
