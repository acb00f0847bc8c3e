import { formatAgo, formatMoment } from '../format/format-time.js';
import { useNow } from '../live/use-now.js';

interface MomentProps {
  readonly at: string | number;
  /**
   * - `full`: `14:03:22 (3 min ago)`
   * - `ago`: `3 min ago`
   * - `clock`: `14:03:22`; for live regions, where a text that changes by itself would be read out again and again
   */
  readonly as?: 'full' | 'ago' | 'clock';
}

/** A moment in words, with the exact time as the tooltip. */
export function Moment({ at, as = 'full' }: MomentProps) {
  const now = useNow();
  const iso = new Date(at).toISOString();
  const ago = formatAgo(Date.parse(iso), now);
  const clock = formatMoment(at, now);
  return (
    <time dateTime={iso} title={iso}>
      {as === 'ago' ? ago : as === 'clock' ? clock : `${clock} (${ago})`}
    </time>
  );
}
