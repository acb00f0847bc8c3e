import { cancelRequestSchema } from '../../shared/schemas.js';
import { UsageError } from '../cli-errors.js';
import type { RequestFacts } from '../targets/split-into-requests.js';

/** The options that say something of the request as a whole. */
export interface FactOptions {
  readonly key?: string;
  readonly priority: 'urgent' | 'normal' | 'low';
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly confirm: boolean;
  readonly label?: string;
  readonly webhook?: string;
}

/** Keys of further parts are longer than the first one's. */
const longestKey = 190;

/** @throws {UsageError} before anything is read or enqueued, with every option that is wrong */
export function checkFacts(options: FactOptions): RequestFacts {
  const { key, priority, reason, requestedBy, label, webhook } = options;
  const { shape } = cancelRequestSchema;
  const problems = [
    problemOf('--reason', shape.reason, reason),
    problemOf('--requested-by', shape.requestedBy, requestedBy),
    problemOf('--label', shape.label, label),
    problemOf('--webhook', shape.webhook, webhook),
    problemOf('--key', shape.idempotencyKey, key),
    key !== undefined && key.length > longestKey
      ? `--key: must have at most ${longestKey} characters`
      : undefined,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return {
    priority,
    ...(options.confirm ? {} : { confirm: false }),
    ...(reason === undefined ? {} : { reason }),
    ...(requestedBy === undefined ? {} : { requestedBy }),
    ...(label === undefined ? {} : { label }),
    ...(webhook === undefined ? {} : { webhook }),
  };
}

type FactSchema = (typeof cancelRequestSchema.shape)['reason' | 'label' | 'webhook'];

function problemOf(flag: string, schema: FactSchema, value: string | undefined): string | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? undefined : `${flag}: ${parsed.error.issues[0]?.message}`;
}
