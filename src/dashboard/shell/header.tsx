import { describeProblem } from '../api/api-problem.js';
import { formatCount, formatRate } from '../format/format-count.js';
import { useOverview } from '../live/overview-provider.js';
import { useAnnounce } from '../parts/announcements.js';
import { Link, useRouter } from '../routing/router.js';
import { useSession, useSessionAccess } from '../session/session-provider.js';
import { BrandMark } from './brand-mark.js';
import { ThemeToggle } from './theme-toggle.js';

const places = [
  { to: '/', label: 'Now', views: ['now'] },
  { to: '/requests', label: 'Requests', views: ['requests', 'request'] },
  { to: '/dead-letters', label: 'Dead letters', views: ['dead-letters'] },
  { to: '/audit', label: 'Audit', views: ['audit'] },
  { to: '/new', label: 'New request', views: ['new'] },
] as const;

/** Where one can go, how it stands, who one is. */
export function Header() {
  const { route } = useRouter();
  const { overview } = useOverview();
  const letters = overview?.deadLetters ?? 0;
  return (
    <header className="header">
      <div className="header-inner">
        <span className="brand">
          <BrandMark /> tat-cancel
        </span>
        <nav className="tabs" aria-label="Views">
          {places.map(({ to, label, views }) => (
            <Link key={to} to={to} className="tab" isCurrent={views.some((view) => view === route.view)}>
              {label}
              {to === '/dead-letters' && letters > 0 && (
                <span className="badge">
                  {formatCount(letters)}
                  <span className="visually-hidden"> letters</span>
                </span>
              )}
            </Link>
          ))}
        </nav>
        <div className="header-end">
          <Pulse />
          <ThemeToggle />
          <Account />
        </div>
      </div>
    </header>
  );
}

/** One glance: is it alive, and how fast. */
function Pulse() {
  const { overview, connection } = useOverview();
  if (connection === 'lost') return <span className="pulse lost">not connected</span>;
  if (overview === undefined) return <span className="pulse">connecting…</span>;
  if (overview.held !== null) return <span className="pulse bad">held</span>;
  if (overview.paused !== false) return <span className="pulse warn">paused</span>;
  if (overview.workers.length === 0) return <span className="pulse bad">no worker</span>;
  return <span className="pulse good">{formatRate(overview.callsPerSecond)} calls/s</span>;
}

function Account() {
  const { name, role, open } = useSession();
  const { logout } = useSessionAccess();
  const announce = useAnnounce();
  if (open) {
    return (
      <span className="account muted" title="The server runs without tokens, for this machine only.">
        open, {role}
      </span>
    );
  }
  const leave = () => {
    logout().catch((problem: unknown) => announce(`Could not log out: ${describeProblem(problem)}`, 'bad'));
  };
  return (
    <span className="account">
      <span className="muted">
        {name}, {role}
      </span>
      <button type="button" className="button quiet" onClick={leave}>
        Log out
      </button>
    </span>
  );
}
