/**
 * The largest number of moments within any window of `windowMs`, exactly. A window holds its first instant and not its
 * last: two moments that are a full window apart are never counted together. One pass; moments must ascend.
 */
export function mostInAnyWindow(ascendingMs: ArrayLike<number>, windowMs: number): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < ascendingMs.length; last++) {
    const end = ascendingMs[last] ?? 0;
    while (end - (ascendingMs[first] ?? 0) >= windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Moments per second from the first to the last; 0 when there are fewer than two. */
export function meanRatePerSecond(ascendingMs: ArrayLike<number>): number {
  const count = ascendingMs.length;
  const spanMs = (ascendingMs[count - 1] ?? 0) - (ascendingMs[0] ?? 0);
  return count < 2 || spanMs === 0 ? 0 : ((count - 1) * 1000) / spanMs;
}
