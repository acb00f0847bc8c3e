import { useCallback, useEffect, useState } from 'react';
import type { RequestProgress } from '../api/answers.js';
import { api, requestEventsPath } from '../api/endpoints.js';
import { isUnfinished } from '../parts/outcomes.js';
import { LiveStream, type StreamState } from './live-stream.js';
import { useVisibility } from './overview-provider.js';
import { type Resource, useResource } from './use-resource.js';

/** A finished request comes back to life when its dead letters are redriven. */
const lookAgainMs = 10_000;

interface LiveProgress extends Resource<RequestProgress> {
  readonly connection: StreamState;
  /** For what an action has answered. */
  take(progress: RequestProgress): void;
}

/** One request as it gets on: by a stream while news may come, with a look now and then afterwards. */
export function useRequestProgress(requestId: string): LiveProgress {
  const [news, setNews] = useState<RequestProgress>();
  const [connection, setConnection] = useState<StreamState>('connecting');
  const isVisible = useVisibility();
  const isOver = news !== undefined && !isUnfinished(news.state);
  const first = useResource(requestId, (signal) => api.request(requestId, signal), {
    everyMs: isOver ? lookAgainMs : undefined,
  });
  useEffect(() => {
    if (first.data !== undefined) setNews(first.data);
  }, [first.data]);
  const isKnown = news !== undefined;
  useEffect(() => {
    if (!isVisible || !isKnown || isOver) return;
    const stream = new LiveStream({
      url: requestEventsPath(requestId),
      endsWith: 'end',
      onState: setConnection,
      onEvent: ({ data }) => {
        const event: Partial<RequestProgress> = JSON.parse(data);
        if (event.counts !== undefined) setNews(event as RequestProgress);
      },
    });
    stream.start();
    return () => stream.close();
  }, [requestId, isVisible, isKnown, isOver]);
  const take = useCallback((progress: RequestProgress) => setNews(progress), []);
  return { ...first, data: news, connection, take };
}
