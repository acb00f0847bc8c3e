import stringWidth from 'string-width';

const grouped = new Intl.NumberFormat('en-US');

/** 5,000 */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** `1 instance`, `5,000 instances`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** 2.6 s, 3 min 20 s, 1 h 05 min */
export function formatDuration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/**
 * Rows in columns, two blanks apart. Columns listed in `right` (from 0) are set flush right. Widths are those of a
 * terminal, where a Chinese character takes two columns.
 */
export function formatTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const gap = ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
          return right.includes(column) ? gap + cell : cell + gap;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * A text with lines of at most `columns`, broken between words; what is carried over is indented. A word that is longer
 * stays whole. Example commands stay commands: their lines end with a backslash.
 */
export function fitLines(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (stringWidth(line) <= columns ? line : breakLine(line, columns)))
    .join('\n');
}

function breakLine(line: string, columns: number): string {
  const indent = `${/^ */.exec(line)?.[0] ?? ''}    `;
  const ending = /^ *\$ /.test(line) ? ' \\' : '';
  const lines: string[] = [];
  let current = '';
  for (const [, gap = '', word = ''] of line.matchAll(/( *)([^ ]+)/g)) {
    const isFirst = current === '' || current === indent;
    if (!isFirst && stringWidth(current + gap + word + ending) > columns) {
      lines.push(current + ending);
      current = indent + word;
    } else {
      current += gap + word;
    }
  }
  // A question ends with a blank, behind which the answer stands.
  return [...lines, current + (/ *$/.exec(line)?.[0] ?? '')].join('\n');
}

/** Text of unknown origin on one line: what could steer a terminal is escaped, cut at `most` characters. */
export function quoteText(text: string, most = 60): string {
  const quoted = JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text);
  // JSON escapes some of them only.
  return escapeSteering(quoted);
}

/** JSON that a terminal can show: the line ends of its layout stay. */
export function escapeSteering(json: string): string {
  return json.replace(steering, (each) =>
    each === '\n' ? each : `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Text of many lines as a terminal can show it, in our own colours. */
export function withoutSteering(text: string): string {
  return text.replace(steering, (each, at: number) =>
    each === '\n' || (each === '\u001b' && colour.test(text.slice(at, at + 12))) ? each : ' ',
  );
}

/** The same without quotes, for messages that the cloud or a user wrote: nothing in them can steer the terminal. */
export function tameText(text: string): string {
  return text.replace(steering, ' ').replace(/ {2,}/g, ' ');
}

/** What `styleText` writes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with one
const colour = /^\u001b\[\d{1,3}(?:;\d{1,3})*m/;

/** Control characters, and those that turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const steering = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
