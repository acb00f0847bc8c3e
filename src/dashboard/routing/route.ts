/** Where in the page somebody is. */
export type Route =
  | { readonly view: 'now' }
  | { readonly view: 'requests' }
  | { readonly view: 'request'; readonly requestId: string }
  | { readonly view: 'dead-letters' }
  | { readonly view: 'audit' }
  | { readonly view: 'new' }
  | { readonly view: 'login' }
  | { readonly view: 'unknown' };

export function parseRoute(pathname: string): Route {
  const [first = '', second, ...rest] = pathname.split('/').filter(Boolean);
  if (rest.length > 0) return { view: 'unknown' };
  if (second !== undefined) {
    const requestId = first === 'requests' ? decoded(second) : undefined;
    return requestId === undefined ? { view: 'unknown' } : { view: 'request', requestId };
  }
  switch (first) {
    case '':
      return { view: 'now' };
    case 'requests':
    case 'dead-letters':
    case 'audit':
    case 'new':
    case 'login':
      return { view: first };
    default:
      return { view: 'unknown' };
  }
}

/** A path with its query; empty and missing values are left out. */
export function pathTo(pathname: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return text === '' ? pathname : `${pathname}?${text}`;
}

export function requestPath(requestId: string): string {
  return `/requests/${encodeURIComponent(requestId)}`;
}

/** Stands for wherever the page is served. */
const ownOrigin = 'http://page.invalid';

/** Only ways within this server: an address that somebody else put into a link must not lead away after the login. */
export function safeReturnPath(path: string | null): string {
  if (path === null || !path.startsWith('/') || !URL.canParse(path, ownOrigin)) return '/';
  const { origin, pathname, search, hash } = new URL(path, ownOrigin);
  // As the browser reads it: it passes over tabs, and takes two slashes for the beginning of another host.
  const isOwn = origin === ownOrigin && !pathname.startsWith('//');
  return isOwn && parseRoute(pathname).view !== 'login' ? `${pathname}${search}${hash}` : '/';
}

/** Served beside this page and made by others: the board of the queues, and the description of the interface. */
export function isForeignPage(path: string): boolean {
  return /^\/(?:queues|docs)(?:[/?#]|$)/.test(path);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
