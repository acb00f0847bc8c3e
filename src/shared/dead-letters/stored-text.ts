import { z } from 'zod';
import { parseJson } from '../parse-json.js';
import { attemptRecordSchema, type DeadLetter, deadLetterSchema } from '../schemas.js';

const draftSchema = z.object({
  requestId: z.string(),
  jobId: z.string(),
  code: z.string(),
  message: z.string(),
  cloudRequestId: z.string().optional(),
});

const momentSchema = z.coerce.number().min(0).max(8.64e15); // the latest that a date can tell

/** A dead letter from the seven lines in which the ledger keeps it; in place of one that cannot be read, one that says so. */
export function readStoredText(id: string, text: string): DeadLetter {
  const [draftText = '', targetText = '', names = '', attempts, history = '[]', ...times] = text.split('\n');
  const draft = draftSchema.safeParse(parseJson(draftText)).data;
  const attemptsMade = z.array(attemptRecordSchema).safeParse(parseJson(history)).data;
  const [firstSeenAt, deadAt] = times.map((time) => momentSchema.safeParse(time).data);
  if (
    draft === undefined ||
    attemptsMade === undefined ||
    firstSeenAt === undefined ||
    deadAt === undefined
  ) {
    return unreadable(id, text);
  }
  const { requestId, jobId, ...error } = draft;
  const [region = '', invocationId = ''] = targetText.split('|');
  return {
    requestId,
    jobId,
    target: { region, invocationId, ...(names === '' ? {} : { instanceIds: names.split(' ') }) },
    error,
    attempts: Number(attempts) || 0,
    firstSeenAt: new Date(firstSeenAt).toISOString(),
    deadAt: new Date(deadAt).toISOString(),
    history: attemptsMade,
  };
}

/** The seven lines of a dead letter; dead-letters.lua says what they are. */
export function formatStoredText(letter: DeadLetter): string {
  const { requestId, jobId, target, error, attempts, history } = letter;
  return [
    JSON.stringify({ requestId, jobId, ...error }),
    `${target.region}|${target.invocationId}`,
    target.instanceIds?.join(' ') ?? '',
    attempts,
    JSON.stringify(history),
    Date.parse(letter.firstSeenAt) || 0,
    Date.parse(letter.deadAt) || 0,
  ]
    .map((line) => String(line).toWellFormed().replaceAll('\n', ' '))
    .join('\n');
}

/** A dead letter as 0.1.0 kept it in its queue; in place of one that cannot be read, one that says so. */
export function readQueuedLetter(id: string, text: string): DeadLetter {
  const letter = deadLetterSchema.safeParse(parseJson(text)).data;
  return letter === undefined || Number.isNaN(Date.parse(letter.deadAt)) ? unreadable(id, text) : letter;
}

/** It names no job, so a redrive leaves it alone: what it was about, the ledger alone knows. */
function unreadable(id: string, text: string): DeadLetter {
  const requestId = id.split('.')[0] ?? '';
  const longAgo = new Date(0).toISOString();
  return {
    requestId,
    jobId: '',
    target: { region: '', invocationId: '' },
    error: {
      code: unreadableCode,
      message: `What Redis holds of this letter cannot be read; it begins with ${JSON.stringify(text.slice(0, 100).toWellFormed())}.`,
    },
    attempts: 0,
    firstSeenAt: longAgo,
    deadAt: longAgo,
    history: [],
  };
}

export const unreadableCode = 'UnreadableLetter';
