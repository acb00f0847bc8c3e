const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** `90s`, `30m`, `2h`, `1d` or `1w` in ms; undefined for any other text. */
export function parseAge(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const each = unitMs[unit];
  return amount === undefined || each === undefined ? undefined : Number(amount) * each;
}
