import { createContext, type MouseEvent, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import { isForeignPage, parseRoute, pathTo, type Route } from './route.js';

interface Place {
  readonly route: Route;
  readonly pathname: string;
  readonly query: URLSearchParams;
}

interface Router extends Place {
  go(path: string, options?: { replace?: boolean }): void;
  /** Changes the query of this view; empty values leave it. */
  setQuery(changes: Readonly<Record<string, string | undefined>>): void;
}

const RouterContext = createContext<Router | undefined>(undefined);

function currentPlace(): Place {
  const { pathname, search } = window.location;
  return { route: parseRoute(pathname), pathname, query: new URLSearchParams(search) };
}

export function RouterProvider({ children }: { children: ReactNode }) {
  const [place, setPlace] = useState(currentPlace);
  useEffect(() => {
    const onMove = () => setPlace(currentPlace());
    window.addEventListener('popstate', onMove);
    return () => window.removeEventListener('popstate', onMove);
  }, []);
  const router = useMemo<Router>(() => {
    const go: Router['go'] = (path, options) => {
      if (isForeignPage(path)) {
        if (options?.replace) window.location.replace(path);
        else window.location.assign(path);
        return;
      }
      const isOtherView = new URL(path, window.location.href).pathname !== window.location.pathname;
      if (options?.replace) window.history.replaceState(null, '', path);
      else window.history.pushState(null, '', path);
      setPlace(currentPlace());
      if (isOtherView) window.scrollTo(0, 0);
    };
    const setQuery: Router['setQuery'] = (changes) => {
      const query = { ...Object.fromEntries(new URLSearchParams(window.location.search)), ...changes };
      go(pathTo(window.location.pathname, query), { replace: true });
    };
    return { ...place, go, setQuery };
  }, [place]);
  return <RouterContext value={router}>{children}</RouterContext>;
}

export function useRouter(): Router {
  const router = use(RouterContext);
  if (router === undefined) throw new Error('useRouter needs a RouterProvider around it');
  return router;
}

interface LinkProps {
  readonly to: string;
  readonly className?: string;
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}

/** A link within the page; with a modifier key it opens elsewhere as any link does. */
export function Link({ to, className, isCurrent, children }: LinkProps) {
  const { go } = useRouter();
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} className={className} aria-current={isCurrent ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
