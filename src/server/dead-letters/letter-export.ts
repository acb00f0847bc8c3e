import type { StoredDeadLetter } from '../../shared/dead-letter-queue.js';

export const exportFormats = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const columns = [
  'id',
  'requestId',
  'region',
  'invocationId',
  'instanceIds',
  'code',
  'message',
  'cloudRequestId',
  'attempts',
  'firstSeenAt',
  'deadAt',
] as const;

/** The letters as lines of text, one after the other, in bounded memory. */
export async function* exportLetters(
  letters: AsyncIterable<StoredDeadLetter>,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`;
  for await (const letter of letters) {
    yield format === 'csv' ? `${toRow(letter).map(quote).join(',')}\r\n` : `${JSON.stringify(letter)}\n`;
  }
}

function toRow({ id, requestId, target, error, attempts, firstSeenAt, deadAt }: StoredDeadLetter): string[] {
  return [
    id,
    requestId,
    target.region,
    target.invocationId,
    target.instanceIds?.join(' ') ?? '',
    error.code,
    error.message,
    error.cloudRequestId ?? '',
    String(attempts),
    firstSeenAt,
    deadAt,
  ];
}

/** A spreadsheet would take a text that begins like a formula for one, and messages come from outside. */
function quote(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
