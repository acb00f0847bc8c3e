import { z } from 'zod';

/** Notifications on finish, one job for each request that asked for one. */
export const webhookQueueName = 'tat-cancel-webhook';

export const webhookJobDataSchema = z.object({ requestId: z.string() });
export type WebhookJobData = z.infer<typeof webhookJobDataSchema>;

/** How far the notification of a request has got. */
export const webhookStates = ['waiting', 'delivered', 'failed'] as const;
export type WebhookState = (typeof webhookStates)[number];

/** Where to report the end of a request to. Which addresses are allowed is for the worker to say. */
export const webhookUrlSchema = z
  .string()
  .max(2_000)
  .refine(isWebhookUrl, 'must be an https:// (or http://) URL without user name and password');

function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}
