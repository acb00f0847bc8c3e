import type { StoredDeadLetter } from './dead-letter-filter.js';

export const exportFormats = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const columns = [
  'id',
  'requestId',
  'region',
  'invocationId',
  'instanceId',
  'code',
  'message',
  'cloudRequestId',
  'attempts',
  'firstSeenAt',
  'deadAt',
] as const;

/**
 * Dead letters as lines of text, in bounded memory: NDJSON has one line for each with all that is known of it, CSV one for
 * each instance.
 */
export async function* exportDeadLetters(
  letters: AsyncIterable<StoredDeadLetter>,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`;
  for await (const letter of letters) {
    if (format === 'ndjson') yield `${JSON.stringify(letter)}\n`;
    else for (const row of toRows(letter)) yield `${row.map(quote).join(',')}\r\n`;
  }
}

function toRows({
  id,
  requestId,
  target,
  error,
  attempts,
  firstSeenAt,
  deadAt,
}: StoredDeadLetter): string[][] {
  const { region, invocationId, instanceIds = [''] } = target;
  const { code, message, cloudRequestId = '' } = error;
  return instanceIds.map((instanceId) => [
    ...[id, requestId, region, invocationId, instanceId, code, message, cloudRequestId],
    ...[String(attempts), firstSeenAt, deadAt],
  ]);
}

/** A spreadsheet would take a text that begins like a formula for one, and messages come from outside. */
function quote(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
