/** 0.4 s, 12 s, 3 min 20 s, 1 h 05 min, 2 d 4 h */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1).replace(/\.0$/, '')} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${padded(whole % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${padded(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `just now`, `40 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. */
export function formatAgo(fromMs: number, nowMs: number): string {
  const seconds = Math.round((nowMs - fromMs) / 1_000);
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** 14:03:22, with the date in front of it when that is not today's. In the reader's own time zone. */
export function formatMoment(moment: string | number, nowMs: number): string {
  const date = new Date(moment);
  const time = clockTime.format(date);
  return dayOf.format(date) === dayOf.format(new Date(nowMs)) ? time : `${dayOf.format(date)} ${time}`;
}

const clockTime = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
// Swedish writes the day as ISO 8601 does.
const dayOf = new Intl.DateTimeFormat('sv-SE', { year: 'numeric', month: '2-digit', day: '2-digit' });

function padded(value: number): string {
  return String(value).padStart(2, '0');
}
