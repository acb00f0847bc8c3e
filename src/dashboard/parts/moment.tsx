import { formatAgo, formatMoment } from '../format/format-time.js';
import { useNow } from '../live/overview-provider.js';

/** `14:03:22 (3 min ago)`, with the exact time as the tooltip. */
export function Moment({ at, isShort = false }: { at: string | number; isShort?: boolean }) {
  const now = useNow();
  const iso = new Date(at).toISOString();
  const ago = formatAgo(Date.parse(iso), now);
  return (
    <time dateTime={iso} title={iso}>
      {isShort ? ago : `${formatMoment(at, now)} (${ago})`}
    </time>
  );
}
