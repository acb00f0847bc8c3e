import { useCallback, useEffect, useRef, useState } from 'react';

export interface Resource<Value> {
  readonly data: Value | undefined;
  /** Of the latest try; the data of an earlier one may still be there. */
  readonly problem: unknown;
  readonly isLoading: boolean;
  reload(): void;
}

interface ResourceOptions {
  /** Asks again so long after each answer, later where answers are slow, and only while the page can be seen. */
  readonly everyMs?: number | undefined;
}

interface Loaded<Value> {
  readonly key: string;
  readonly tookMs: number;
  readonly data?: Value;
  readonly problem?: unknown;
}

/** A question that is hard to answer is asked less often: most of the time the server and Redis have for others. */
const pausePerWork = 10;

/**
 * What the server has to say under `key`. Data of the key before stays until the new one's is there, so that lists do
 * not flicker; give a view its own React key where that would be wrong. An undefined key asks for nothing.
 */
export function useResource<Value>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<Value>,
  { everyMs }: ResourceOptions = {},
): Resource<Value> {
  const [loaded, setLoaded] = useState<Loaded<Value>>();
  const [turn, setTurn] = useState(0);
  const latestLoad = useRef(load);
  useEffect(() => {
    latestLoad.current = load;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn is what asks again
  useEffect(() => {
    if (key === undefined) return;
    const stop = new AbortController();
    const beganAt = performance.now();
    const note = (outcome: { data: Value } | { problem: unknown }) => {
      if (stop.signal.aborted) return;
      const tookMs = performance.now() - beganAt;
      setLoaded((before) => ({ ...dataOf(before), ...outcome, key, tookMs }));
    };
    latestLoad.current(stop.signal).then(
      (data) => note({ data }),
      (problem: unknown) => note({ problem }),
    );
    return () => stop.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => {
    if (everyMs === undefined || loaded === undefined || loaded.key !== key) return;
    return againWhenSeen(Math.max(everyMs, loaded.tookMs * pausePerWork), reload);
  }, [everyMs, loaded, key, reload]);
  return {
    data: key === undefined ? undefined : loaded?.data,
    problem: loaded?.key === key ? loaded?.problem : undefined,
    isLoading: key !== undefined && loaded?.key !== key,
    reload,
  };
}

function dataOf<Value>(before: Loaded<Value> | undefined): { data?: Value } {
  return before?.data === undefined ? {} : { data: before.data };
}

/** Calls once after a pause; if the page is hidden then, as soon as it is seen again. */
function againWhenSeen(pauseMs: number, again: () => void): () => void {
  const onVisible = () => {
    if (!document.hidden) again();
  };
  const timer = setTimeout(() => {
    if (document.hidden) document.addEventListener('visibilitychange', onVisible, { once: true });
    else again();
  }, pauseMs);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
