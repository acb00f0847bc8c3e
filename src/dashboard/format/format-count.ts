const grouped = new Intl.NumberFormat('en-US');

/** 5,000 */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** `1 instance`, `5,000 instances`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** 18.9, and 20 for a whole number; 1,234 where tenths mean nothing. */
export function formatRate(rate: number): string {
  if (rate >= 100) return formatCount(Math.round(rate));
  return rate.toFixed(1).replace(/\.0$/, '');
}

/** 12 %, `<1 %` where rounding would hide something, and 99 % until all of it is there. */
export function formatShare(part: number, whole: number): string {
  // A blank that does not break the line.
  if (whole <= 0 || part <= 0) return '0\u00a0%';
  const percent = (100 * part) / whole;
  if (percent < 1) return '<1\u00a0%';
  return `${part < whole ? Math.min(99, Math.round(percent)) : 100}\u00a0%`;
}
