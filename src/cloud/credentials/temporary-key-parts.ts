import { z } from 'zod';
import { offerKey } from './key-provider.js';
import type { FetchedKey } from './temporary-key.js';

const partsSchema = z.object({
  TmpSecretId: z.string().min(1),
  TmpSecretKey: z.string().min(1),
  Token: z.string().min(1),
  /** Seconds since the epoch. */
  ExpiredTime: z.number().positive(),
});

/** Reads a temporary key as the metadata server and STS both write it. Throws without quoting what it read. */
export function readTemporaryKey(answer: unknown): FetchedKey {
  const parts = partsSchema.safeParse(answer);
  if (!parts.success) {
    const names = parts.error.issues.map((issue) => issue.path.join('.'));
    throw new Error(`the answer lacks a valid ${names.join(', ')}`);
  }
  const { TmpSecretId: secretId, TmpSecretKey: secretKey, Token: token, ExpiredTime } = parts.data;
  const offer = offerKey({ secretId, secretKey, token });
  if (offer.kind !== 'key') throw new Error(offer.reason);
  return { credential: offer.credential, expiresAtMs: ExpiredTime * 1_000 };
}
