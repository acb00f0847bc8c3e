import { useSyncExternalStore } from 'react';
import { useOverview } from './overview-provider.js';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

/** One timer, however many moments a view shows. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The server's time in ms, once a second. */
export function useNow(): number {
  const { clockAheadMs } = useOverview();
  return useSyncExternalStore(subscribe, () => now) + clockAheadMs;
}
