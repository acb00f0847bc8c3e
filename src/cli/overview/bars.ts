const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar of `width` characters, filled to the given share. */
export function bar(share: number, width: number): string {
  const filled = Math.round(clamp(share) * width * 8);
  const full = '█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '');
  return full + '·'.repeat(Math.max(0, width - full.length));
}

/** One character for each value, the full height standing for `top`. Nothing at all is a blank. */
export function sparkline(values: readonly number[], top: number): string {
  return values
    .map((value) => {
      if (value <= 0) return ' ';
      return heights[Math.min(7, Math.max(0, Math.ceil(clamp(value / top) * 8) - 1))] ?? '█';
    })
    .join('');
}

function clamp(share: number): number {
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}
