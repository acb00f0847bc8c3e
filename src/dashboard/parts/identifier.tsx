import { useAnnounce } from './announcements.js';
import { Icon } from './icon.js';

/** An id that is often needed elsewhere, with a button that copies it where the browser allows that. */
export function Identifier({ id, what }: { id: string; what: string }) {
  const announce = useAnnounce();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(id);
      announce(`Copied ${id}.`);
    } catch {
      announce(`The browser does not let this page copy. Mark ${id} and copy it by hand.`, 'bad');
    }
  };
  return (
    <span className="identifier">
      <code>{id}</code>
      <button type="button" className="button quiet icon-only" onClick={copy} aria-label={`Copy ${what}`}>
        <Icon name="copy" />
      </button>
    </span>
  );
}
