/** Shuffles in place; the same seed gives the same order. */
export function seededShuffle(items: unknown[], seed: number): void {
  let state = seed >>> 0;
  for (let last = items.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' generator: even enough here
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    [items[last], items[other]] = [items[other], items[last]];
  }
}
