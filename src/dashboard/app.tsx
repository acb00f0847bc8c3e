import { useEffect, useRef } from 'react';
import { AuditView } from './audit/audit-view.js';
import { DeadLettersView } from './dead-letters/dead-letters-view.js';
import { OverviewProvider } from './live/overview-provider.js';
import { NewRequestView } from './new-request/new-request-view.js';
import { NowView } from './now/now-view.js';
import { AnnouncementProvider } from './parts/announcements.js';
import { RequestView } from './requests/request-view.js';
import { RequestsView } from './requests/requests-view.js';
import { safeReturnPath } from './routing/route.js';
import { Link, RouterProvider, useRouter } from './routing/router.js';
import { LoginView } from './session/login-view.js';
import { SessionProvider, useSessionAccess } from './session/session-provider.js';
import { Header } from './shell/header.js';
import { StatusBanner } from './shell/status-banner.js';

export function App() {
  return (
    <RouterProvider>
      <SessionProvider>
        <AnnouncementProvider>
          <Gate />
        </AnnouncementProvider>
      </SessionProvider>
    </RouterProvider>
  );
}

/** Nothing behind it is asked for before somebody is logged in. */
function Gate() {
  const { state, ask } = useSessionAccess();
  switch (state.kind) {
    case 'asking':
      return (
        <p className="gate muted" role="status">
          Loading…
        </p>
      );
    case 'unreachable':
      return (
        <main className="gate" id="content">
          <h1>The server cannot be reached</h1>
          <p role="alert">{state.message}</p>
          <button type="button" className="button primary" onClick={() => void ask()}>
            Try again
          </button>
        </main>
      );
    case 'none':
      return <LoginView />;
    case 'in':
      return (
        <OverviewProvider>
          <Page />
        </OverviewProvider>
      );
  }
}

function Page() {
  const { route, pathname, query, go } = useRouter();
  const main = useRef<HTMLElement>(null);
  const shownPath = useRef(pathname);
  useEffect(() => {
    if (route.view === 'login') go(safeReturnPath(query.get('next')), { replace: true });
  }, [route, query, go]);
  // Readers without eyes on the page must hear that it changed; not at the first load, where the browser tells.
  useEffect(() => {
    if (shownPath.current === pathname) return;
    shownPath.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <Header />
      <main id="content" className="content" tabIndex={-1} ref={main}>
        <StatusBanner />
        <View />
      </main>
    </>
  );
}

function View() {
  const { route } = useRouter();
  switch (route.view) {
    case 'now':
      return <NowView />;
    case 'requests':
      return <RequestsView />;
    case 'request':
      return <RequestView key={route.requestId} requestId={route.requestId} />;
    case 'dead-letters':
      return <DeadLettersView />;
    case 'audit':
      return <AuditView />;
    case 'new':
      return <NewRequestView />;
    case 'login':
      return null;
    case 'unknown':
      return (
        <>
          <h1>There is nothing here</h1>
          <p>
            <Link to="/">To the overview</Link>
          </p>
        </>
      );
  }
}
