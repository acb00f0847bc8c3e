import { z } from 'zod';
import { parseJson } from './parse-json.js';
import { attemptRecordSchema, type DeadLetter, deadLetterSchema } from './schemas.js';

/** A letter as the queue keeps it; in place of one that cannot be read, one that says so. */
export function readLetter(id: string, text: string): DeadLetter {
  const letter = deadLetterSchema.safeParse(parseJson(text)).data;
  return letter === undefined || Number.isNaN(Date.parse(letter.deadAt)) ? unreadable(id, text) : letter;
}

const draftSchema = z.object({
  requestId: z.string(),
  jobId: z.string(),
  code: z.string(),
  message: z.string(),
  cloudRequestId: z.string().optional(),
});

const momentSchema = z.coerce.number().min(0).max(8.64e15); // the latest that a date can tell

/** A letter as settle.lua writes it, in seven lines; likewise. */
export function readOutboxEntry(id: string, text: string): DeadLetter {
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

/** It names no job, so a redrive leaves it alone: what it was about, the ledger alone knows. */
function unreadable(id: string, text: string): DeadLetter {
  const requestId = id.split('.')[0] ?? '';
  const longAgo = new Date(0).toISOString();
  return {
    requestId,
    jobId: '',
    target: { region: '', invocationId: '' },
    error: {
      code: 'UnreadableLetter',
      message: `What Redis holds of this letter cannot be read; it begins with ${JSON.stringify(text.slice(0, 100))}.`,
    },
    attempts: 0,
    firstSeenAt: longAgo,
    deadAt: longAgo,
    history: [],
  };
}
