import { useEffect } from 'react';

/** The window's title, for tabs, history and screen readers. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · tat-cancel`;
  }, [title]);
}
