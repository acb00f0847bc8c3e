import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { logLevels } from '../log-levels.js';
import { parseRedisUrl } from '../redis-connection.js';
import { defaultPrefix } from '../redis-keys.js';
import { regionSchema } from '../schemas.js';
import { parseAccessTokens } from './access-token.js';
import { parseGroupRoles } from './group-role.js';

/** One setting: an environment variable, its bounds, and what goes wrong when it is set badly. */
export interface SettingDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
  /** As it would be written in the environment; without one, the setting may be left out. */
  readonly default?: string;
  readonly description: string;
  /** Never shown in logs or messages. */
  readonly secret?: true;
}

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
}

const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');

const redisUrl = z.string().superRefine((url, context) => {
  try {
    parseRedisUrl(url);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
});

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

const endpoint = z.string().superRefine((text, context) => {
  const url = text.replace('{region}', 'ap-guangzhou');
  if (!URL.canParse(url)) {
    context.addIssue({
      code: 'custom',
      message: 'is not a URL (for example https://tat.intl.tencentcloudapi.com)',
    });
    return;
  }
  const { protocol, hostname, pathname, search, username, password } = new URL(url);
  if (username !== '' || password !== '') {
    context.addIssue({ code: 'custom', message: 'must not hold a user name or password' });
  }
  if (protocol !== 'https:' && !(protocol === 'http:' && loopbackHosts.has(hostname))) {
    context.addIssue({
      code: 'custom',
      message: 'must be https:// (http:// is for 127.0.0.1 and localhost only)',
    });
  }
  if (pathname !== '/' || search !== '')
    context.addIssue({ code: 'custom', message: 'must not have a path' });
});

const accessTokens = z.string().transform((text, context) =>
  parseAccessTokens(text, (message) => {
    context.addIssue({ code: 'custom', message });
  }),
);

const groupRoles = z.string().transform((text, context) =>
  parseGroupRoles(text, (message) => {
    context.addIssue({ code: 'custom', message });
  }),
);

const headerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be the name of a header (for example X-Forwarded-User)')
  .refine(
    (name) => !['authorization', 'cookie', 'host', 'origin'].includes(name.toLowerCase()),
    'must be a header that browsers and callers have no other use for',
  );

const proxies = z.string().superRefine((text, context) => {
  for (const part of text.split(',').map((each) => each.trim())) {
    if (/\/0+$/.test(part) && ipaddr.isValidCIDR(part)) {
      const message = `${part} is everybody: callers could make up their addresses. Name the proxies`;
      context.addIssue({ code: 'custom', message });
      continue;
    }
    if (ipaddr.isValid(part) || ipaddr.isValidCIDR(part)) continue;
    const message = `must be IP addresses or networks, with commas between (10.0.0.0/8); ${JSON.stringify(part)} is none`;
    context.addIssue({ code: 'custom', message });
  }
});

const publicUrl = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.username !== '' ||
    url.password !== ''
  ) {
    context.addIssue({
      code: 'custom',
      message:
        'must be an http:// or https:// URL without a path or password (for example https://tat-cancel.example.com)',
    });
  }
});

/** Every setting of every process, by the name that the code uses. */
export const settingDefinitions = {
  redisUrl: {
    name: 'REDIS_URL',
    schema: redisUrl,
    default: 'redis://127.0.0.1:6379',
    description:
      'Where Redis is: redis://host:port, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port; rediss in place of redis speaks TLS. All processes of one installation need the same.',
    secret: true,
  },
  queuePrefix: {
    name: 'QUEUE_PREFIX',
    schema: z
      .string()
      .regex(
        /^\{[A-Za-z0-9_-]{1,40}\}$/,
        'must be a name in braces, as {tat-cancel}: the braces keep all keys in one cluster slot',
      ),
    default: defaultPrefix,
    description:
      'Start of every key in Redis. Installations that share a Redis need different ones; processes of one installation need the same, or they never see each other’s work.',
  },
  secretId: {
    name: 'TENCENTCLOUD_SECRET_ID',
    schema: z.string().trim().min(1),
    description: 'Secret id of the cloud API key. Goes together with TENCENTCLOUD_SECRET_KEY.',
    secret: true,
  },
  secretKey: {
    name: 'TENCENTCLOUD_SECRET_KEY',
    schema: z.string().trim().min(1),
    description: 'Secret key of the cloud API key. Goes together with TENCENTCLOUD_SECRET_ID.',
    secret: true,
  },
  sessionToken: {
    name: 'TENCENTCLOUD_SESSION_TOKEN',
    schema: z.string().trim().min(1),
    description: 'Token of a temporary key. Only with the id and key that it was issued with.',
    secret: true,
  },
  credentialsFile: {
    name: 'TENCENTCLOUD_CREDENTIALS_FILE',
    schema: z.string().min(1),
    description:
      'Profile file to read keys from when none are in the environment. Without it, ~/.tencentcloud/credentials and /etc/tencentcloud/credentials are tried. Read again when it changes.',
  },
  cvmRole: {
    name: 'TENCENTCLOUD_CVM_ROLE',
    schema: z.enum(['always', 'never'], 'must be always or never'),
    default: 'never',
    description:
      'Whether to use the role that is bound to this CVM machine when no key is set. always on a machine without a role: nothing can be signed, and work is held.',
  },
  region: {
    name: 'TENCENTCLOUD_REGION',
    schema: regionSchema,
    description: 'Region of targets that name none. Without it every target must name its own.',
  },
  endpoint: {
    name: 'TAT_ENDPOINT',
    schema: endpoint,
    default: 'https://tat.intl.tencentcloudapi.com',
    description:
      'Where the cloud API is. {region} in the host is replaced by the target’s region; each access point has a call limit of its own. http:// is accepted for loopback addresses only.',
  },
  callsPerSecond: {
    name: 'CALLS_PER_SECOND',
    schema: wholeNumber(1, 1_000),
    default: '20',
    description:
      'The account’s quota of CancelInvocation calls a second, shared by all workers. Too high: the cloud refuses calls and everybody slows down. Too low: bulk cancels take longer than they need.',
  },
  concurrency: {
    name: 'WORKER_CONCURRENCY',
    schema: wholeNumber(1, 10_000),
    default: '500',
    description:
      'Jobs that one worker holds while they wait for a call. Too low: urgent requests and shared calls see less of the queue. Too high: memory, and more to take over when a worker dies.',
  },
  callsInFlight: {
    name: 'CALLS_IN_FLIGHT',
    schema: wholeNumber(1, 1_000),
    default: '200',
    description:
      'Calls of one worker to one access point that may be without an answer at a time. Too low: a slow API keeps the rate below the limit, and targets that hang keep others waiting; as many as are made within a call’s deadline are never too few. Too high: more is repeated when a worker dies while the API is slow.',
  },
  wholeInvocationCalls: {
    name: 'WHOLE_INVOCATION_CALLS',
    schema: flag,
    default: 'true',
    description:
      'Whether one call without a list replaces several with lists, where every unfinished instance of an invocation is asked for and the cloud’s own count says that none is missing. false sends lists of up to 100 instances always: twice the calls for whole fleets.',
  },
  attempts: {
    name: 'ATTEMPTS',
    schema: wholeNumber(1, 100),
    default: '8',
    description:
      'Calls that may fail in passing before a job becomes a dead letter. Too low: a short outage of the cloud fills the dead letters. Too high: hopeless jobs linger.',
  },
  callTimeoutMs: {
    name: 'CALL_TIMEOUT_MS',
    schema: wholeNumber(100, 120_000),
    default: '10000',
    description:
      'Longest time for one call, from queueing to the last byte, in milliseconds. Too low: slow answers are repeated for nothing. Too high: a hanging connection blocks a place for long.',
  },
  confirm: {
    name: 'CONFIRM',
    schema: flag,
    default: 'true',
    description:
      'Whether to read back from the cloud that accepted tasks have stopped. false ends every instance at accepted, which is no proof.',
  },
  retentionHours: {
    name: 'RETENTION_HOURS',
    schema: wholeNumber(1, 24 * 366),
    default: '168',
    description:
      'How long finished requests stay in the ledger, in hours. Too low: nobody can look up what became of an instance, and an idempotency key works anew. Too high: Redis fills up. Requests with dead letters stay until those are dealt with.',
  },
  webhookSecret: {
    name: 'WEBHOOK_SECRET',
    schema: z.string().min(16, 'must have at least 16 characters'),
    description:
      'Signs the notifications that are sent when a request is finished, so that receivers can tell them from forgeries. Without it they are not signed.',
    secret: true,
  },
  webhookPreviousSecret: {
    name: 'WEBHOOK_PREVIOUS_SECRET',
    schema: z.string().min(16, 'must have at least 16 characters'),
    description:
      'Signs notifications beside WEBHOOK_SECRET, so that receivers can change over one by one. Set it to the old secret, give every receiver the new one, then take it out.',
    secret: true,
  },
  webhookAllowPrivate: {
    name: 'WEBHOOK_ALLOW_PRIVATE',
    schema: flag,
    default: 'false',
    description:
      'Whether notifications may go to private addresses and over plain http. true lets everybody who may enqueue make a worker knock at doors inside its network.',
  },
  host: {
    name: 'HOST',
    schema: z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name'),
    default: '127.0.0.1',
    description:
      'Address that `tat-cancel serve` listens on, and a worker with METRICS_PORT. The server refuses any but a loopback address while AUTH_TOKENS is not set.',
  },
  port: {
    name: 'PORT',
    schema: wholeNumber(0, 65_535),
    default: '8080',
    description: 'Port that `tat-cancel serve` listens on; 0 takes any free one.',
  },
  metricsPort: {
    name: 'METRICS_PORT',
    schema: wholeNumber(0, 65_535),
    description:
      'Port on HOST with nothing but /metrics, /livez and /readyz, without a token: keep it to the monitoring network. Without it a worker serves no metrics, and the server’s need a token.',
  },
  authTokens: {
    name: 'AUTH_TOKENS',
    schema: accessTokens,
    description:
      'Who may use the server: entries name:role:secret with commas between. Roles are read, enqueue and operate; each includes those before it. A secret has at least 16 characters and no comma, is no common word or run of characters (openssl rand -hex 24), or is given as sha256: and the 64 hex digits of its hash. Without it the server listens on loopback only and lets everybody there operate.',
    secret: true,
  },
  sessionSecret: {
    name: 'SESSION_SECRET',
    schema: z.string().min(32, 'must have at least 32 characters'),
    description:
      'Half of what signs the cookies of people who log in to the page; the other half is random and in Redis, shared by all servers of the installation. Without it, whoever can read Redis can forge a session. Servers behind one name need the same.',
    secret: true,
  },
  publicUrl: {
    name: 'PUBLIC_URL',
    schema: publicUrl,
    description:
      'Address under which people reach the page when a proxy is in front, as https://tat-cancel.example.com. Changes are then taken from pages of that address, too, and with https the cookie is for encrypted connections only. Unset behind a proxy that changes the Host header: browsers that do not send Sec-Fetch-Site are refused.',
  },
  trustProxy: {
    name: 'TRUST_PROXY',
    schema: proxies,
    description:
      'Addresses of proxies whose X-Forwarded-For is believed. Too wide: callers can make up their address and so escape the limit on logins. Unset behind a proxy: all callers share that limit.',
  },
  trustedUserHeader: {
    name: 'TRUSTED_USER_HEADER',
    schema: headerName,
    description:
      'Header in which the proxies of TRUST_PROXY name the user whom they have logged in, as X-Forwarded-User. Believed on connections from those addresses only. The proxy must replace what callers send under that name: one that passes it on lets everybody be anybody.',
  },
  trustedGroupsHeader: {
    name: 'TRUSTED_GROUPS_HEADER',
    schema: headerName,
    description:
      'Header in which the same proxies name the groups of the user, with commas between, as X-Forwarded-Groups. Without it only the entry * of TRUSTED_GROUPS counts.',
  },
  trustedGroups: {
    name: 'TRUSTED_GROUPS',
    schema: groupRoles,
    description:
      'What users may do whom a proxy names: entries group:role with commas between, * for every user, as sre:operate,*:read. The highest role of all groups of a user counts; users without one are refused.',
  },
  requestsPerMinute: {
    name: 'REQUESTS_PER_MINUTE',
    schema: wholeNumber(1, 10_000_000),
    default: '60000',
    description:
      'Requests a minute that the server answers for one token. Too low: services are refused with 429. Too high: one of them can keep the server and Redis busy.',
  },
  tracing: {
    name: 'TRACING',
    schema: flag,
    default: 'false',
    description:
      'Whether to trace requests from enqueueing to the calls that carry them, with the OpenTelemetry SDK that the process was started with. true without an SDK records nothing.',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    schema: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`),
    default: 'info',
    description: 'How much is logged, on stderr as JSON lines.',
  },
  shutdownGraceMs: {
    name: 'SHUTDOWN_GRACE_MS',
    schema: wholeNumber(0, 600_000),
    default: '15000',
    description:
      'How long a worker that was told to stop waits for its calls in flight, in milliseconds. Below CALL_TIMEOUT_MS: answers may be lost and calls repeated. Above the supervisor’s patience: it is killed.',
  },
} as const satisfies Record<string, SettingDefinition>;

export type SettingKey = keyof typeof settingDefinitions;
