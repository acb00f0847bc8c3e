import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react';
import { Icon } from './icon.js';

type Tone = 'good' | 'bad';

interface Announcement {
  readonly text: string;
  readonly tone: Tone;
}

const AnnounceContext = createContext<(text: string, tone?: Tone) => void>(() => {});

const shownMs = 10_000;

/** Says what came of an action, to eyes and to screen readers. */
export function AnnouncementProvider({ children }: { children: ReactNode }) {
  const [announcement, setAnnouncement] = useState<Announcement>();
  const announce = useCallback((text: string, tone: Tone = 'good') => setAnnouncement({ text, tone }), []);
  useEffect(() => {
    if (announcement === undefined) return;
    const timer = setTimeout(() => setAnnouncement(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [announcement]);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className="announcements" role="status" aria-live="polite">
        {announcement !== undefined && (
          <p className={`announcement ${announcement.tone}`}>
            <Icon name={announcement.tone === 'good' ? 'check' : 'alert'} />
            <span>{announcement.text}</span>
            <button type="button" className="button quiet" onClick={() => setAnnouncement(undefined)}>
              Dismiss
            </button>
          </p>
        )}
      </div>
    </AnnounceContext>
  );
}

export function useAnnounce(): (text: string, tone?: Tone) => void {
  return use(AnnounceContext);
}
