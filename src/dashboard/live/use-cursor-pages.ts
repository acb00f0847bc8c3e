import { useState } from 'react';

export interface CursorPages {
  /** Undefined on the first page. */
  readonly cursor: number | string | undefined;
  /** From 1. */
  readonly number: number;
  next(cursor: number | string): void;
  back(): void;
}

/** Where somebody is in a list of pages; another `key` (a filter, say) begins anew. */
export function useCursorPages(key: string): CursorPages {
  const [place, setPlace] = useState<{ key: string; trail: (number | string)[] }>({ key, trail: [] });
  const trail = place.key === key ? place.trail : [];
  return {
    cursor: trail.at(-1),
    number: trail.length + 1,
    next: (cursor) => setPlace({ key, trail: [...trail, cursor] }),
    back: () => setPlace({ key, trail: trail.slice(0, -1) }),
  };
}
