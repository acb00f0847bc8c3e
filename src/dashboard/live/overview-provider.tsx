import { createContext, type ReactNode, use, useEffect, useRef, useState } from 'react';
import type { CallSecond, OverviewNews, QueueOverview } from '../api/answers.js';
import { api, overviewEventsPath } from '../api/endpoints.js';
import { useSessionAccess } from '../session/session-provider.js';
import { LiveStream, type StreamState } from './live-stream.js';
import { mergeSeconds } from './second-history.js';

interface LiveOverview {
  readonly overview: QueueOverview | undefined;
  readonly seconds: readonly CallSecond[];
  readonly connection: StreamState;
  /** Why the server, although it is there, has no news. */
  readonly trouble: string | undefined;
  /** What the server's clock is ahead of this one, in ms. */
  readonly clockAheadMs: number;
  retryNow(): void;
}

const nothing: LiveOverview = {
  overview: undefined,
  seconds: [],
  connection: 'connecting',
  trouble: undefined,
  clockAheadMs: 0,
  retryNow: () => {},
};

const OverviewContext = createContext<LiveOverview>(nothing);

/** Keeps one stream for the whole page. While the page is hidden there is none: browsers open few to a server. */
export function OverviewProvider({ children }: { children: ReactNode }) {
  const [live, setLive] = useState(nothing);
  const { ask } = useSessionAccess();
  const isVisible = useVisibility();
  const askSession = useRef(ask);
  askSession.current = ask;
  useEffect(() => {
    if (!isVisible) return;
    const takeNews = (news: QueueOverview, seconds: readonly CallSecond[]) =>
      setLive((before) => ({
        ...before,
        overview: news,
        trouble: undefined,
        seconds: mergeSeconds(before.seconds, seconds),
        clockAheadMs: Date.parse(news.at) - Date.now(),
      }));
    const stream = new LiveStream({
      url: overviewEventsPath,
      onEvent: ({ name, data }) => {
        if (name === 'overview') {
          const news: OverviewNews = JSON.parse(data);
          takeNews(news, news.second ?? []);
        } else if (name === 'unavailable') {
          const { detail }: { detail?: string } = JSON.parse(data);
          setLive((before) => ({ ...before, trouble: detail ?? 'Redis does not answer.' }));
        }
      },
      onState: (connection) => {
        if (connection === 'refused') void askSession.current();
        if (connection === 'open') loadHistory();
        setLive((before) => ({ ...before, connection }));
      },
    });
    const stop = new AbortController();
    // Also after a break, which may have lasted longer than the server remembers events.
    const loadHistory = () => {
      api.overview(stop.signal).then(
        (answer) => takeNews(answer, answer.history),
        () => {}, // the stream's state tells it, and the next event repairs it
      );
    };
    setLive((before) => ({ ...before, retryNow: () => stream.retryNow() }));
    stream.start();
    return () => {
      stop.abort();
      stream.close();
    };
  }, [isVisible]);
  return <OverviewContext value={live}>{children}</OverviewContext>;
}

export function useOverview(): LiveOverview {
  return use(OverviewContext);
}

export function useVisibility(): boolean {
  const [isVisible, setVisible] = useState(() => !document.hidden);
  useEffect(() => {
    const look = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isVisible;
}
