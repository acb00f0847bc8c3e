import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RequestProgress } from '../../producer/index.js';
import type { CallSecond } from '../../shared/call-history.js';
import { historySeconds } from '../../shared/call-history.js';
import type { QueueOverview } from '../../shared/queue-overview.js';
import type { App } from '../app.js';
import { presentStatus } from '../present-status.js';
import { toProblem } from '../problem.js';
import { lastEventId } from '../sse/event-stream.js';
import { EventStreams } from '../sse/event-streams.js';
import { Feed } from '../sse/feed.js';
import { unknownRequest } from './request-routes.js';
import type { RouteDeps } from './route-deps.js';
import { answers, requestIdParams, textAnswer } from './route-schema.js';

const everyMs = 1_000;

/** The framework cuts off whatever takes longer, streams too. Readers connect again by themselves. */
const longestStreamMs = 24 * 60 * 60 * 1_000;
const streamAnswer = textAnswer('text/event-stream', 'Events, until the connection ends');
const resume = z.object({
  'last-event-id': z.string().max(100).optional().meta({ description: 'Goes on after this event' }),
});

/** News by server-sent events. */
export function addEventRoutes(app: App, deps: RouteDeps): void {
  const streams = new EventStreams(deps.closing);
  addOverviewEvents(app, deps, streams);
  addProgressEvents(app, deps, streams);
}

function addOverviewEvents(app: App, { backend }: RouteDeps, streams: EventStreams): void {
  const feed = new Feed<{ overview: QueueOverview; seconds: CallSecond[] }>({
    read: async () => {
      const [overview, seconds] = await backend.ask(() =>
        Promise.all([backend.overview.read(), backend.history.read(historySeconds)]),
      );
      return { overview, seconds };
    },
    everyMs,
    onError: (err) => app.log.error({ err }, 'news of the installation did not reach a reader'),
  });

  app.get(
    '/v1/overview/events',
    {
      handlerTimeout: longestStreamMs,
      exposeHeadRoute: false, // would listen for ever to what nobody reads
      schema: {
        operationId: 'followOverview',
        tags: ['overview'],
        summary: 'The overview every second, with the seconds of calls since the last event',
        headers: resume,
        response: answers({ 200: streamAnswer }),
      },
    },
    (request, reply) => {
      const stream = streams.open(request);
      let sent = Number(lastEventId(request) ?? Number.NaN);
      stream.onClose(
        feed.subscribe((news) => {
          if (news.kind === 'failure') {
            stream.send({ event: 'unavailable', data: problemOf(news.error) });
            return;
          }
          const { overview, seconds } = news.value;
          // Without an earlier event the page has asked for the history on its own; a few seconds bridge the gap.
          const from = Number.isInteger(sent) ? sent : (seconds.at(-3)?.second ?? 0);
          const second = seconds.filter((each) => each.second > from);
          const id = seconds.at(-1)?.second ?? 0;
          if (stream.send({ event: 'overview', id, data: { ...overview, second } })) sent = id;
        }),
      );
      return stream.answer(reply);
    },
  );
}

function addProgressEvents(app: App, { backend }: RouteDeps, streams: EventStreams): void {
  const feeds = new Map<string, Feed<RequestProgress | undefined>>();
  const feedOf = (id: string) => {
    const feed =
      feeds.get(id) ??
      new Feed<RequestProgress | undefined>({
        read: async () => {
          const progress = await (await backend.producer()).status(id);
          return progress === undefined ? undefined : presentStatus(progress);
        },
        everyMs,
        onIdle: () => feeds.delete(id),
        onError: (err) => app.log.error({ err, requestId: id }, 'news of a request did not reach a reader'),
      });
    feeds.set(id, feed);
    return feed;
  };

  app.get(
    '/v1/cancel-requests/:id/events',
    {
      handlerTimeout: longestStreamMs,
      exposeHeadRoute: false, // would listen for ever to what nobody reads
      schema: {
        operationId: 'followRequest',
        tags: ['requests'],
        summary: 'How a request gets on, at every change; ends when it is settled',
        params: requestIdParams,
        headers: resume,
        response: answers({ 200: streamAnswer }, 404),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if ((await (await backend.producer()).status(id)) === undefined) throw unknownRequest(id);
      const stream = streams.open(request);
      let sent = lastEventId(request);
      stream.onClose(
        feedOf(id).subscribe((news) => {
          if (news.kind === 'failure') {
            stream.send({ event: 'unavailable', data: problemOf(news.error) });
            return;
          }
          const progress = news.value;
          if (progress === undefined) return stream.end(); // forgotten meanwhile
          const version = versionOf(progress);
          if (version !== sent && stream.send({ event: 'progress', id: version, data: progress }))
            sent = version;
          if (
            progress.settledAt !== undefined &&
            stream.send({ event: 'end', id: version, data: progress })
          ) {
            stream.end();
          }
        }),
      );
      return stream.answer(reply);
    },
  );
}

/** The same for the same state, so that a reader who comes back is told only what is new. */
function versionOf(progress: RequestProgress): string {
  return createHash('sha256').update(JSON.stringify(progress)).digest('hex').slice(0, 16);
}

function problemOf(error: unknown) {
  const problem = toProblem(error);
  return { code: problem?.code ?? 'INTERNAL', detail: problem?.message ?? 'A fault of the server.' };
}
