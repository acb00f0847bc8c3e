import { pathTo } from '../routing/route.js';
import type {
  AuditAction,
  AuditPage,
  DeadLetterGroup,
  DeadLetterResult,
  EnqueueAnswer,
  InstancePage,
  InstanceRecord,
  InstanceState,
  LetterChoice,
  LetterFilter,
  LetterPage,
  OverviewAnswer,
  PageSettings,
  RequestDraft,
  RequestPage,
  RequestPreview,
  RequestProgress,
  RequestState,
  Session,
  StoredDeadLetter,
} from './answers.js';
import { call } from './api-client.js';

type Cursor = number | string;

export interface PageOf {
  readonly cursor?: Cursor | undefined;
  readonly limit: number;
}

function pageQuery({ cursor, limit }: PageOf): Record<string, string | undefined> {
  return { cursor: cursor === undefined ? undefined : String(cursor), limit: String(limit) };
}

function letterQuery({ olderThanSeconds, ...filter }: LetterFilter): Record<string, string | undefined> {
  return {
    ...filter,
    olderThanSeconds: olderThanSeconds === undefined ? undefined : String(olderThanSeconds),
  };
}

function dryRunQuery(dryRun: boolean): Record<string, string | undefined> {
  return { dryRun: dryRun ? 'true' : undefined };
}

function requestUrl(requestId: string): string {
  return `/v1/cancel-requests/${encodeURIComponent(requestId)}`;
}

export const overviewEventsPath = '/v1/overview/events';

export function requestEventsPath(requestId: string): string {
  return `${requestUrl(requestId)}/events`;
}

export function letterExportPath(format: 'csv' | 'ndjson', filter: LetterFilter): string {
  return pathTo('/v1/dead-letters/export', { format, ...letterQuery(filter) });
}

/** Letters by the ten thousand take a while, each in a step of its own; the server gives up then, too. */
const bulkTimeoutMs = 15 * 60 * 1_000;

/** The server's HTTP interface, as the page uses it. Everything rejects with an `ApiProblem`. */
export const api = {
  session: () => call<Session>('GET', '/v1/session'),
  login: (token: string) => call<Session>('POST', '/v1/session', { body: { token } }),
  logout: () => call<void>('DELETE', '/v1/session'),
  settings: () => call<PageSettings>('GET', '/v1/settings'),
  overview: (signal?: AbortSignal) =>
    call<OverviewAnswer>('GET', '/v1/overview', signal === undefined ? {} : { signal }),

  requests: (
    { state, search, ...page }: PageOf & { state?: RequestState | undefined; search?: string | undefined },
    signal: AbortSignal,
  ) =>
    call<RequestPage>('GET', pathTo('/v1/cancel-requests', { ...pageQuery(page), state, search }), {
      signal,
    }),
  request: (requestId: string, signal: AbortSignal) =>
    call<RequestProgress>('GET', requestUrl(requestId), { signal }),
  instances: (
    requestId: string,
    { state, ...page }: PageOf & { state?: InstanceState | undefined },
    signal: AbortSignal,
  ) =>
    call<InstancePage>('GET', pathTo(`${requestUrl(requestId)}/instances`, { ...pageQuery(page), state }), {
      signal,
    }),
  findInstance: (instanceId: string, signal: AbortSignal) =>
    call<{ instances: InstanceRecord[] }>('GET', `/v1/instances/${encodeURIComponent(instanceId)}`, {
      signal,
    }),
  preview: (draft: RequestDraft, signal: AbortSignal) =>
    call<RequestPreview>('POST', '/v1/cancel-requests?dryRun=true', { body: draft, signal }),
  enqueue: (draft: RequestDraft, idempotencyKey: string) =>
    call<EnqueueAnswer>('POST', '/v1/cancel-requests', {
      body: draft,
      headers: { 'idempotency-key': idempotencyKey },
    }),
  withdraw: (requestId: string) => call<RequestProgress>('POST', `${requestUrl(requestId)}/withdraw`),

  letterGroups: (filter: LetterFilter, signal: AbortSignal) =>
    call<{ groups: DeadLetterGroup[] }>('GET', pathTo('/v1/dead-letters/groups', letterQuery(filter)), {
      signal,
    }),
  letters: ({ filter, ...page }: PageOf & { filter: LetterFilter }, signal: AbortSignal) =>
    call<LetterPage>('GET', pathTo('/v1/dead-letters', { ...pageQuery(page), ...letterQuery(filter) }), {
      signal,
    }),
  letter: (id: string, signal: AbortSignal) =>
    call<StoredDeadLetter>('GET', `/v1/dead-letters/${encodeURIComponent(id)}`, { signal }),
  redrive: (
    choice: LetterChoice,
    { dryRun = false, ...change }: { dryRun?: boolean; region?: string; invocationId?: string } = {},
  ) =>
    call<DeadLetterResult>('POST', pathTo('/v1/dead-letters/redrive', dryRunQuery(dryRun)), {
      body: { ...choice, ...change },
      timeoutMs: bulkTimeoutMs,
    }),
  discard: (choice: LetterChoice, { dryRun = false, reason }: { dryRun?: boolean; reason?: string }) =>
    call<DeadLetterResult>('POST', pathTo('/v1/dead-letters/discard', dryRunQuery(dryRun)), {
      body: { ...choice, reason },
      timeoutMs: bulkTimeoutMs,
    }),

  audit: (
    {
      action,
      by,
      requestId,
      ...page
    }: PageOf & {
      action?: AuditAction | undefined;
      by?: string | undefined;
      requestId?: string | undefined;
    },
    signal: AbortSignal,
  ) => call<AuditPage>('GET', pathTo('/v1/audit', { ...pageQuery(page), action, by, requestId }), { signal }),

  pause: (reason: string) =>
    call<unknown>('POST', '/v1/queue/pause', { body: reason === '' ? {} : { reason } }),
  resume: () => call<unknown>('POST', '/v1/queue/resume'),
  setLimit: (callsPerSecond: number, reason: string) =>
    call<unknown>('PUT', '/v1/limit', {
      body: reason === '' ? { callsPerSecond } : { callsPerSecond, reason },
    }),
  resetLimit: () => call<unknown>('DELETE', '/v1/limit'),
} as const;
