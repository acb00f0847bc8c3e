import type { CursorPages } from '../live/use-cursor-pages.js';

interface PagerProps {
  readonly pages: CursorPages;
  readonly nextCursor: number | string | undefined;
  /** What the pages are of: `Requests`. */
  readonly label: string;
  readonly newer?: string;
  readonly older?: string;
}

/** Steps through a long list, a page at a time. Nothing when there is one page only. */
export function Pager({ pages, nextCursor, label, newer = 'Previous', older = 'Next' }: PagerProps) {
  if (pages.number === 1 && nextCursor === undefined) return null;
  return (
    <nav className="pager" aria-label={`Pages of ${label}`}>
      <button type="button" className="button" disabled={pages.number === 1} onClick={pages.back}>
        {newer}
      </button>
      <span aria-live="polite">Page {pages.number}</span>
      <button
        type="button"
        className="button"
        disabled={nextCursor === undefined}
        onClick={() => nextCursor !== undefined && pages.next(nextCursor)}
      >
        {older}
      </button>
    </nav>
  );
}
